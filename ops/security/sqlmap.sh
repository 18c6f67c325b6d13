#!/usr/bin/env bash
# Tests every query parameter of the admin API with sqlmap (a Debian package), on a system that runs on this machine.
# Usage: ops/security/sqlmap.sh http://127.0.0.1:8000 .verbatim/admin.key
# Takes at most two minutes per route, and about two minutes in all. Exits with 1 if something is found or answered with 500.
set -euo pipefail
url=${1:?address of the server} key_file=${2:?file of an admin key}
host=${url#http://}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
umask 077

routes=(
  '/v1/messages?channel=general&bot=alice&q=hello&from=2026-01-01T00:00:00Z&to=2099-01-01T00:00:00Z&limit=5'
  '/v1/messages?asOf=2099-01-01T00:00:00Z&minPosition=1'
  '/v1/stats?channel=general&bot=alice&interval=hour&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z'
  '/v1/bots?limit=5&cursor=abc'
  '/v1/channels?limit=5&cursor=abc'
)
found=0
for route in "${routes[@]}"; do
  # The key is in a file, so that it does not show up in ps.
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n' "$route" "$host" "$(cat "$key_file")" >"$scratch/request"
  timeout 120 sqlmap -r "$scratch/request" --batch --ignore-stdin --level 2 --risk 1 --dbms PostgreSQL --technique BEUST --time-sec 2 --threads 4 \
    --flush-session --output-dir "$scratch/out" --disable-coloring --ignore-code 400,401,404,409,429 >"$scratch/log" 2>&1 </dev/null || true
  if grep -q 'do not appear to be injectable' "$scratch/log" && ! grep -qE '^5[0-9][0-9] ' "$scratch/log"; then
    echo "nothing found: $route"
  else
    echo "look at this: $route"
    tail -40 "$scratch/log"
    found=1
  fi
done
exit $found

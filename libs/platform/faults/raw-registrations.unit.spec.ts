import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** Matches calls that give Node, or a library, a function to call. */
const REGISTERS = [
  /\.(?:on|once|addListener)\(\s*(?:['"`]|\w+,|$)/,
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|process\.nextTick)\(/,
  /\.use\(\(/,
  /\bcollect:/,
];
/** Matches a handler that a boundary guards, in the statement that registers it. */
const BOUNDED = /\.(?:guard|run)\(/;
const STATEMENT_LINES = 4;

/** Handlers without a boundary: how many each file may have, and why they need none. */
const ALLOWED: Readonly<Record<string, readonly [number, string]>> = {
  'apps/gateway/src/door/bots.gateway.ts': [1, 'gives back an admission, whose steps have boundaries'],
  'apps/gateway/src/history/history.verb.ts': [1, 'resolves a promise'],
  'apps/standalone/src/engines/check-postgres.ts': [1, 'does nothing'],
  'apps/standalone/src/engines/first-answer.ts': [3, 'asks a port once, at start'],
  'apps/standalone/src/engines/event-store-process.ts': [5, 'settle promises and write to the log'],
  'apps/standalone/src/engines/reachable.ts': [1, 'does nothing'],
  'apps/standalone/src/standalone.ts': [1, 'is the boundary of the process'],
  'apps/standalone/src/stop-signals.ts': [1, 'is a signal, not a connection'],
  'libs/event-store/stored/read-call.ts': [2, 'stops a timer; does nothing'],
  'libs/time/clock.ts': [2, 'is the last boundary of timers'],
  'libs/platform/faults/fault-metrics.ts': [1, 'counts what boundaries have kept'],
  'libs/platform/free-port.ts': [1, 'rejects a promise'],
  'libs/platform/http/create-http-app.ts': [2, 'does nothing; reports to its boundary itself'],
  'libs/platform/http/unread-body.ts': [2, 'have their boundaries above'],
  'libs/platform/http/when-closed.ts': [1, 'takes one off a count or out of a set, or aborts a signal'],
  'libs/platform/sockets/people-door.ts': [2, 'have their boundary above'],
  'libs/platform/connections/guard-connections.ts': [1, 'stops a timer'],
  'libs/platform/sockets/engine-door.ts': [2, 'have their boundaries above'],
  'libs/platform/sockets/forget-request.ts': [1, 'answers within the request that it belongs to'],
  'libs/platform/sockets/lean-socket-adapter.ts': [2, 'clears a timer; refuses everybody'],
  'libs/projections/postgres/data-source.ts': [1, 'does nothing'],
  'libs/projections/runner/projection-lease.ts': [1, 'settles a promise'],
};

/** Processes of their own, which are restarted by whoever started them. */
const APART = /\.spec\.ts$|^apps\/cli\/|^libs\/(?:embedded-event-store|embedded-postgres)\//;

const rawIn = (file: string): string[] => {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*(?:\*|\/\/|\/\*\*|import )/.test(line) || !REGISTERS.some((form) => form.test(line))) return [];
    const statement = lines.slice(index, index + STATEMENT_LINES).join('\n');
    return BOUNDED.test(statement) ? [] : [`${file}:${index + 1}: ${line.trim()}`];
  });
};

it('has every handler inside a boundary, or says why it needs none', () => {
  const files = ['apps', 'libs']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/${file}`,
      ),
    )
    .filter((file) => file.endsWith('.ts') && !APART.test(file));
  expect(files.length).toBeGreaterThan(100);
  const raw = files.flatMap((file) => {
    const found = rawIn(file);
    return found.length === (ALLOWED[file]?.[0] ?? 0)
      ? []
      : [...found, `${file}: ${found.length} without a boundary`];
  });
  expect(raw).toEqual([]);
});

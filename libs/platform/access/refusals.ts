import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { ErrorCode } from '#libs/protocol/errors.js';
import { Boundary } from '../faults/boundary.js';
import { parseKey } from '../keys/access-key.js';
import type { Role } from './caller.js';

/** The claims of a key about itself, proved or not. */
export type Shown = Readonly<{ role: Role | 'no key' | 'not a key'; keyId?: string }>;

/** An attempt that was refused. */
export type Refusal = Shown &
  Readonly<{
    code: ErrorCode;
    /**
     * The route as a pattern, like `GET /v1/bots/:name`. The caller chooses the values in its place, so their number is
     * unbounded.
     */
    route: string;
    /** The client's address, as far as trusted proxies report it. */
    address?: string;
  }>;

type Count = {
  labels: Record<'code' | 'route' | 'role', string>;
  refused: number;
  untold: number;
  loggedAt: number;
};
type Say = (refusal: Refusal, untold: number) => void;

/** Milliseconds between two log lines for refusals of the same route, role and code. Every refusal is counted. */
const LOG_EVERY_MS = 10_000;

const METRICS = new Boundary('metrics');

const counts = new Map<string, Count>();
let say: Say = () => undefined;

/**
 * Sends refusals from now on to this function, each with the number of its kind that were not logged since the last
 * one.
 */
export const sayRefusals = (to: Say): void => {
  say = to;
};

/** Returns the role and key id that are claimed by a presented key. */
export const shownBy = (key: unknown): Shown => {
  if (key === undefined) return { role: 'no key' };
  const parsed = typeof key === 'string' ? parseKey(key) : undefined;
  return parsed ? { role: parsed.role, keyId: parsed.keyId } : { role: 'not a key' };
};

/**
 * Counts an attempt that was refused because of who made it, as `unauthenticated` or `forbidden`.
 * @param now milliseconds on a clock that never goes back
 */
export const noteRefusal = (refusal: Refusal, now = performance.now()): void => {
  const { code, route, role } = refusal;
  if (code !== 'unauthenticated' && code !== 'forbidden') return;
  const count = countOf({ code, route, role });
  count.refused += 1;
  if (now - count.loggedAt < LOG_EVERY_MS) {
    count.untold += 1;
    return;
  }
  const { untold } = count;
  Object.assign(count, { loggedAt: now, untold: 0 });
  say(refusal, untold);
};

const countOf = (labels: Count['labels']): Count => {
  const name = `${labels.code} ${labels.role} ${labels.route}`;
  const known = counts.get(name) ?? { labels, refused: 0, untold: 0, loggedAt: -Infinity };
  counts.set(name, known);
  return known;
};

/**
 * Registers the counter of refused attempts. Its label values are codes, roles and route patterns, so the code bounds
 * their number.
 */
export const registerRefusalMetrics = (registry: Registry): void => {
  const counter: Counter<'code' | 'route' | 'role'> = new Counter({
    name: 'verbatim_refused_attempts_total',
    help: 'Attempts refused because of who made them, by code, route and the role of the key shown.',
    labelNames: ['code', 'route', 'role'],
    registers: [registry],
    collect: METRICS.guard(() => {
      counter.reset();
      for (const { labels, refused } of counts.values()) counter.inc(labels, refused);
    }),
  });
};

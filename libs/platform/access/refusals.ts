import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import type { ErrorCode } from '#libs/protocol/errors.js';
import { Boundary } from '../faults/boundary.js';
import { parseKey } from './access-key.js';
import type { Role } from './caller.js';

/** What a key says of itself, proved or not. */
export type Shown = Readonly<{ role: Role | 'no key' | 'not a key'; keyId?: string }>;

/** An attempt that was refused. */
export type Refusal = Shown &
  Readonly<{
    code: ErrorCode;
    /** As a pattern, like `GET /v1/bots/:name`: what stands in its place is up to the caller, and has no end. */
    route: string;
    /** Of the client, as far as proxies that are trusted tell it. */
    address?: string;
  }>;

type Count = {
  labels: Record<'code' | 'route' | 'role', string>;
  refused: number;
  untold: number;
  loggedAt: number;
};
type Say = (refusal: Refusal, untold: number) => void;

/** Of one route, role and code, a refusal is logged at most so often, in milliseconds; all are counted. */
const LOG_EVERY_MS = 10_000;

const METRICS = new Boundary('metrics');

const counts = new Map<string, Count>();
let say: Say = () => undefined;

/** Has refusals from here on logged there, each with how many of its kind were not since the one before. */
export const sayRefusals = (to: Say): void => {
  say = to;
};

/** What is known of whoever shows this as their key. */
export const shownBy = (key: unknown): Shown => {
  if (key === undefined) return { role: 'no key' };
  const parsed = typeof key === 'string' ? parseKey(key) : undefined;
  return parsed ? { role: parsed.role, keyId: parsed.keyId } : { role: 'not a key' };
};

/**
 * Counts an attempt if it was refused for who made it, as `unauthenticated` or `forbidden`.
 * @param now milliseconds of a clock that never goes back
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

/** The label values are codes, roles and patterns of routes: their number is that of the code. */
export const registerRefusalMetrics = (registry: Registry): void => {
  const counter: Counter<'code' | 'route' | 'role'> = new Counter({
    name: 'verbatim_refused_attempts_total',
    help: 'Attempts refused for who made them, by code, route and the role that the key shown is of.',
    labelNames: ['code', 'route', 'role'],
    registers: [registry],
    collect: METRICS.guard(() => {
      counter.reset();
      for (const { labels, refused } of counts.values()) counter.inc(labels, refused);
    }),
  });
};

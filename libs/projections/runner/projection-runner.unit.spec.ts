import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from '#libs/time/backoff.js';
import { CONNECT_TIMEOUT_MS } from '../postgres/data-source.js';
import { RECONNECT_LIMITS } from './projection-runner.js';

/** Milliseconds from the return of PostgreSQL until the runner must notice it. */
const NOTICED_WITHIN_MS = 5_000;

describe('a runner that waits for PostgreSQL', () => {
  it('notices its return in time, however long it was away and however the last attempt hung', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, jitter) => {
        const backoff = new Backoff(RECONNECT_LIMITS, () => jitter);
        for (let i = 0; i < attempts; i += 1) backoff.next();
        expect(CONNECT_TIMEOUT_MS + backoff.next()).toBeLessThan(NOTICED_WITHIN_MS);
      }),
    );
  });
});

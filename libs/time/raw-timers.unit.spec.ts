import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Files that may have timers of their own, and why. */
const MAY_WAIT: Readonly<Record<string, string>> = {
  'libs/platform/metrics/loop-delay.ts': 'measures how late timers are',
  'libs/time/clock.ts': 'is the clock that all others use',
};

/** Matches what waits by itself, so that no test can wait for it without waiting. */
const RAW_TIMER = /\bset(?:Timeout|Interval)\(|timers\/promises/;
/** Matches an interval whose faults end the process. */
const UNGUARDED = /, UNGUARDED\)/;

/** Files that may have intervals whose faults end the process, and why. */
const MAY_END: Readonly<Record<string, string>> = {
  'apps/cli/src/audit/export-events.ts': 'is a command; its user sees the fault',
  'apps/standalone/src/close-app.ts': 'belongs to a stop, which ends the process anyway',
  'libs/embedded-event-store/grpc/keep-alive.ts': 'is a process of its own, which is started again',
  'libs/embedded-event-store/persistent-subscriptions/subscription-groups.ts':
    'is a process of its own, which is started again',
};

const filesWith = (form: RegExp): string[] =>
  ['apps', 'libs']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/${file}`,
      ),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .filter((file) => form.test(readFileSync(join(ROOT, file), 'utf8')));

it('has no timers but those of the clock, which tests can replace, but where that is said', () => {
  expect(filesWith(RAW_TIMER).toSorted()).toEqual(Object.keys(MAY_WAIT).toSorted());
});

it('has no interval whose fault ends the process, but where that is said', () => {
  expect(filesWith(UNGUARDED).toSorted()).toEqual(Object.keys(MAY_END).toSorted());
});

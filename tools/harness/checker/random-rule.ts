import type { RetentionRule } from './retention-record.js';
import type { Random } from '../random.js';

/**
 * Returns a retention rule as an operator may set it on a stream of `count` events: one kind, several at once, or no
 * limit any more.
 */
export const randomRule = (random: Random, count: number): RetentionRule => {
  const upTo = (most: number): number => Math.floor(random.between(0, most));
  const rules: readonly (() => RetentionRule)[] = [
    () => ({ $tb: upTo(count) }),
    () => ({ $tb: count }),
    () => ({ $tb: count + 1 + upTo(5) }),
    () => ({ $maxCount: 1 + upTo(8) }),
    () => ({ $maxAge: 1 + upTo(20) }),
    () => ({ $maxCount: 1 + upTo(20), $maxAge: 1 + upTo(20), $tb: upTo(count) }),
    () => ({}),
  ];
  return random.pick(rules)();
};

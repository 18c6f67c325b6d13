import type { Post } from '#tools/harness/bots/outbox.js';
import type { Step } from '#tools/harness/checker/history.js';

/** Returns the posts without an answer, in the order in which they were first sent. */
export const unansweredIn = (steps: readonly Step[]): readonly Post[] => {
  const unanswered = new Map<string, Post>();
  const answered = new Set<string>();
  for (const step of steps) {
    if (step.type === 'posting' && !answered.has(step.id))
      unanswered.set(step.id, { id: step.id, channel: step.channel, body: step.body });
    if (step.type !== 'answered') continue;
    unanswered.delete(step.id);
    answered.add(step.id);
  }
  return [...unanswered.values()];
};

/**
 * Checks whether a bot is back on its newest connection: it was told that it has caught up in every channel, it has every
 * message up to these heads, and no post is left unanswered.
 */
export const isBack = (steps: readonly Step[], heads: Readonly<Record<string, number>>): boolean => {
  const begin = steps.findLastIndex(({ type }) => type === 'connected');
  const hello = steps[begin];
  if (hello?.type !== 'connected') return false;
  const reached = new Map(Object.entries(hello.cursors));
  const caughtUp = new Set<string>();
  for (const step of steps.slice(begin)) {
    if (step.type === 'received')
      reached.set(step.channel, Math.max(step.seq, reached.get(step.channel) ?? -1));
    if (step.type === 'caughtup') caughtUp.add(step.channel);
  }
  return (
    Object.entries(heads).every(
      ([channel, head]) => caughtUp.has(channel) && (reached.get(channel) ?? -1) >= head,
    ) && unansweredIn(steps).length === 0
  );
};

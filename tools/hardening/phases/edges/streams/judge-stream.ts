import { holds } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { ROAD_NAMES } from '../judging/judge-group.js';
import type { AtOnceSeen, BurstSeen, Delivered, PostSeen } from './stream-seen.js';

const BURST_MS = 1_000;
/** Number of posts that make a burst. */
const BURST = 100;
const AT_ONCE = 10;

export const judgeBurst = ({ road, posts, delivered }: BurstSeen): Row => {
  const sending = posts.at(-1)!.sentAt - posts[0]!.sentAt;
  const problems = said({
    'fewer than 100 were sent': posts.length < BURST,
    [`sending took ${Math.round(sending)} ms`]: sending >= BURST_MS,
    ...refusals(posts),
    'not in the order of sending': !isInOrder(posts, road === 'socket'),
    'a timestamp went back': !timesGrow(posts) || !timesGrow(delivered),
    ...deliveryProblems(posts, delivered),
  });
  return holds(problems.length === 0, {
    id: `edges.burst.${road}`,
    what: `100 messages in one second from one bot, ${ROAD_NAMES[road]}`,
    target: 'all accepted, in order, delivered once; timestamps never go back',
    measured: `${posts.filter(accepted).length} accepted, ${delivered.length} delivered, sent in ${Math.round(sending)} ms, answered in ${Math.round(answered(posts))} ms`,
    ...(problems.length === 0 ? {} : { why: problems.join('; ') }),
  });
};

export const judgeAtOnce = ({ road, own, same, delivered }: AtOnceSeen): Row => {
  const first = same.filter((post) => accepted(post) && post.duplicate !== true);
  const problems = said({
    'fewer than 10 were sent': own.length < AT_ONCE || same.length < AT_ONCE,
    ...refusals([...own, ...same]),
    'two messages share a seq': new Set(own.map(({ seq }) => seq)).size < own.length,
    'one id has two seqs': new Set(same.map(({ seq }) => seq)).size > 1,
    [`${first.length} of one id answered as new`]: first.length !== 1,
    'a timestamp went back': !timesGrow([...own, ...first]),
    ...deliveryProblems([...own, ...first], delivered),
  });
  return holds(problems.length === 0, {
    id: `edges.simultaneous.${road}`,
    what: `10 simultaneous requests of one bot, and 10 with one id, ${ROAD_NAMES[road]}`,
    target: '10 messages and 1 message, each delivered once; 9 duplicates',
    measured: `${own.filter(accepted).length} accepted, ${same.filter(({ duplicate }) => duplicate === true).length} duplicates, ${delivered.length} delivered`,
    ...(problems.length === 0 ? {} : { why: problems.join('; ') }),
  });
};

const said = (problems: Readonly<Record<string, boolean>>): readonly string[] =>
  Object.entries(problems).flatMap(([problem, isSo]) => (isSo ? [problem] : []));

const accepted = ({ seq }: PostSeen): boolean => seq !== undefined;

const refusals = (posts: readonly PostSeen[]): Readonly<Record<string, boolean>> => {
  const refused = posts.filter((post) => !accepted(post));
  return { [`${refused.length} refused, first with ${refused[0]?.code}`]: refused.length > 0 };
};

const answered = (posts: readonly PostSeen[]): number =>
  Math.max(...posts.map(({ answeredAt }) => answeredAt)) - posts[0]!.sentAt;

/** On one connection, posts keep the order of sending. On many, a post comes after those answered before it was sent. */
const isInOrder = (posts: readonly PostSeen[], isOneConnection: boolean): boolean =>
  posts.every((later, index) =>
    posts
      .slice(0, index)
      .every(
        (earlier) =>
          (!isOneConnection && earlier.answeredAt > later.sentAt) ||
          !accepted(earlier) ||
          !accepted(later) ||
          earlier.seq! < later.seq!,
      ),
  );

const timesGrow = (posts: readonly Pick<PostSeen, 'seq' | 'at'>[]): boolean => {
  const times = posts
    .filter(({ seq }) => seq !== undefined)
    .toSorted((a, b) => a.seq! - b.seq!)
    .map(({ at = '' }) => Date.parse(at));
  return times.every((time, index) => index === 0 || time >= times[index - 1]!);
};

const deliveryProblems = (
  posts: readonly PostSeen[],
  delivered: readonly Delivered[],
): Readonly<Record<string, boolean>> => {
  const wanted = posts.filter(accepted);
  const got = new Map(delivered.map((one) => [one.seq, one]));
  const isDelivered = ({ seq, body, at }: PostSeen): boolean =>
    got.get(seq!)?.body === body && got.get(seq!)?.at === at;
  return {
    'not delivered as accepted': !wanted.every(isDelivered),
    'delivered more often than accepted': delivered.length > wanted.length,
    'delivered out of order': delivered.some(
      ({ seq }, index) => index > 0 && seq <= delivered[index - 1]!.seq,
    ),
  };
};

import { setTimeout as pause } from 'node:timers/promises';
import { Crew } from '#tools/harness/bots/crew.js';
import type { FaultBot } from '#tools/harness/bots/fault-bot.js';
import type { Post, PostReply } from '#tools/harness/bots/outbox.js';
import type { RoleProcess } from '#tools/harness/processes/role-process.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { withLog } from '../exactness/saw.js';
import type { Stage } from '../stage.js';
import { ConnectionAttempts } from './connection-attempts.js';
import { QUEUE } from './judge-store-away.js';
import type { AnswerSeen, StoreAwaySeen } from './judge-store-away.js';

/** Bots that send only the posts that are counted. */
const CREW = { bots: 4, channels: 1, channelsPerBot: 1, postsPerSecond: 0 };
const TOO_MANY = 40;
/** Number of posts that are waiting when the store comes back. */
const LATER = 60;
const LATER_WAITS_MS = 3_000;
/** A post waits 30 s for the store; the rest is for everything else that takes time. */
const PATIENCE_MS = 45_000;

/** An event store that can be killed and started again on its port. */
export type Store = Readonly<{ process: Pick<RoleProcess, 'kill' | 'start'>; port: number }>;

/**
 * Kills the event store. More posts than may wait come at once, and wait until they are refused. Others come after them,
 * and are waiting when the store is started again. The refused posts are then sent once more.
 */
export const takeStoreAway = async (stage: Stage, store: Store): Promise<StoreAwaySeen> => {
  const { api, front, prefix, random } = stage;
  const crew = await Crew.gather(api, random, { ...CREW, prefix }, front.url);
  try {
    const notices = crew.bots.map(listenToNotices);
    await postAll(crew.bots[0]!, compose(crew.bots[0]!, 5));
    // A bot may have repeated a post that was already answered: it must not take the place of one that is counted.
    await waitFor('all answers', () => crew.bots.every(({ outbox }) => outbox.size === 0), PATIENCE_MS);
    const outage = await playOutage(stage, crew.bots[0]!, store, notices);
    await crew.settle(PATIENCE_MS);
    return {
      ...outage,
      notices,
      reconnections: crew.count('connected') - crew.bots.length,
      saw: await withLog(stage, crew.histories, crew.bots),
    };
  } finally {
    crew.close();
  }
};

type OutageSeen = Omit<StoreAwaySeen, 'notices' | 'reconnections' | 'saw'>;

const playOutage = async (
  { tell }: Stage,
  sender: FaultBot,
  store: Store,
  notices: readonly (readonly string[])[],
): Promise<OutageSeen> => {
  const heard = (code: string): Promise<unknown> =>
    waitFor(
      code,
      () => notices.every((all) => all.some((notice) => notice.startsWith(code))),
      PATIENCE_MS,
    ).catch(() => undefined); // a bot that was not told is judged
  await store.process.kill();
  const awayAt = performance.now();
  const attempts = await ConnectionAttempts.countAt(store.port);
  try {
    await heard('store_unavailable');
    tell('the event store is away, posts wait until they are refused');
    const burst = compose(sender, QUEUE + TOO_MANY);
    const burstAnswers = await postAll(sender, burst);
    const later = postAll(sender, compose(sender, LATER));
    await pause(LATER_WAITS_MS);
    const backAt = performance.now();
    await attempts.stopAttempts();
    await store.process.start();
    const laterAnswers = await later;
    await heard('store_restored');
    const refused = burst.filter((_, index) => burstAnswers[index]!.answer !== 'ok');
    return {
      attemptsAt: attempts.at.map((at) => at - awayAt),
      awayMs: backAt - awayAt,
      burst: burstAnswers,
      later: laterAnswers,
      again: await postAll(sender, refused),
    };
  } finally {
    await attempts.stopAttempts();
  }
};

const listenToNotices = (bot: FaultBot): readonly string[] => {
  const heard: string[] = [];
  bot.hear('notice', ({ code, message }) => heard.push(`${String(code)}: ${String(message)}`));
  return heard;
};

const compose = (sender: FaultBot, count: number): Post[] =>
  Array.from({ length: count }, () => sender.outbox.compose(sender.channels[0]!));

const postAll = (sender: FaultBot, posts: readonly Post[]): Promise<AnswerSeen[]> =>
  Promise.all(
    posts.map(async (post) => {
      const begin = performance.now();
      const reply = await sender.outbox.attempt(post, PATIENCE_MS);
      return { ms: performance.now() - begin, answer: answerOf(reply) };
    }),
  );

const answerOf = (reply: PostReply | undefined): AnswerSeen['answer'] => {
  if (!reply) return 'none';
  return reply.ok ? 'ok' : reply.error;
};

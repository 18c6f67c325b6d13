import { Crew } from '#tools/harness/bots/crew.js';
import type { FaultBot } from '#tools/harness/bots/fault-bot.js';
import type { Post } from '#tools/harness/bots/outbox.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { withLog } from '../exactness/saw.js';
import { listenToPresence } from '../presence.js';
import { botBehind, enroll, openNetwork } from '../stage.js';
import type { Stage } from '../stage.js';
import { AttemptsFailed, postWithAttempts } from './attempts.js';
import type { Attempt } from './attempts.js';
import type { PostSeen, SilenceSeen } from './judge-silence.js';

const OTHERS = { bots: 3, channels: 1, channelsPerBot: 1, postsPerSecond: 2 };
const PATIENCE_MS = 30_000;

/**
 * Turns the network of one bot into a black hole while the bot sends. First only the answers are lost, then everything, in
 * both directions and for new connections too, until the bot has given up. Then the network comes back.
 */
export const loseTheNetwork = async (stage: Stage): Promise<SilenceSeen> => {
  const { api, front, prefix, random } = stage;
  const crew = await Crew.gather(api, random, { ...OTHERS, prefix }, front.url);
  const network = await openNetwork(stage);
  const [channel] = crew.bots[0]!.channels as [string];
  const bot = botBehind(network, stage, await enroll(stage, `${prefix}far`, [channel]));
  try {
    bot.connect();
    await waitFor('the bot to be connected', () => bot.atWork, PATIENCE_MS);
    crew.talk();
    const presence = listenToPresence(crew.bots[0]!);

    const taken = bot.outbox.compose(channel);
    const lost = bot.outbox.compose(channel);
    network.mute(1, 'bot');
    const cutAt = performance.now();
    const first = send(bot, taken);
    await waitFor('the post whose answer is lost', () => hears(crew, taken), PATIENCE_MS, 5).catch(
      () => undefined,
    );
    network.goSilent();
    const [answerLost, allLost] = await Promise.all([first, send(bot, lost)]);

    const connections = connectionsOf(bot);
    network.speakAgain();
    const restoredAt = performance.now();
    const isBack = await waitFor(
      'the bot to be back',
      () => connectionsOf(bot) > connections,
      PATIENCE_MS,
      5,
    ).catch(() => false);
    const reconnectMs = isBack ? performance.now() - restoredAt : Infinity;
    const again = await Promise.all([send(bot, taken), send(bot, lost)]);
    await crew.settle(PATIENCE_MS);
    await level(bot, crew);
    const saw = await withLog(stage, [...crew.histories, bot.history], crew.bots);
    const inLog = (post: Post): number => saw.log.filter(({ id }) => id === post.id).length;
    return {
      posts: [
        {
          ...answerLost,
          id: taken.id,
          what: 'whose answer was lost',
          again: again[0].reply,
          inLog: inLog(taken),
        },
        { ...allLost, id: lost.id, what: 'that was lost itself', again: again[1].reply, inLog: inLog(lost) },
      ],
      reconnectMs,
      toldOthers: presence
        .filter((told) => told.bot === bot.name && told.at > cutAt)
        .map(({ state, reason, at }) => ({ state, reason, ms: at - cutAt })),
      saw,
    };
  } finally {
    bot.close();
    crew.close();
    await network.close();
  }
};

type Sent = Pick<PostSeen, 'attempts' | 'error'> & Readonly<{ reply: PostSeen['again'] }>;

const send = async (bot: FaultBot, post: Post): Promise<Sent> => {
  const attempts: Attempt[] = [];
  try {
    const reply = await postWithAttempts(bot.outbox, post, (attempt) => attempts.push(attempt));
    return {
      attempts,
      error: undefined,
      reply: { ok: reply.ok, duplicate: reply.ok && reply.duplicate === true },
    };
  } catch (error) {
    if (!(error instanceof AttemptsFailed)) throw error;
    return { attempts, error: error.message, reply: undefined };
  }
};

const hears = (crew: Crew, { id }: Post): boolean =>
  crew.histories[0]!.steps.some((step) => step.type === 'received' && step.id === id);

const connectionsOf = (bot: FaultBot): number =>
  bot.history.steps.filter(({ type }) => type === 'connected').length;

/** Waits until the bot has every message. If one is still missing after the patience, the checker reports it. */
const level = async (bot: FaultBot, crew: Crew): Promise<unknown> =>
  waitFor(
    'the bot to have all',
    () => [...crew.highestAnswered()].every(([channel, seq]) => bot.lastSeen(channel) >= seq),
    PATIENCE_MS,
  ).catch(() => undefined);

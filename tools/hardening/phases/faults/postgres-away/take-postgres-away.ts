import { setTimeout as pause } from 'node:timers/promises';
import { Crew } from '#tools/harness/bots/crew.js';
import type { TestPostgresServer } from '#tools/harness/system/postgres-server.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { withLog } from '../exactness/saw.js';
import type { Stage } from '../stage.js';
import type { PostgresAwaySeen, ReadSeen } from './judge-postgres-away.js';
import { readMessagesShown } from './read-messages-shown.js';

const CREW = { bots: 6, channels: 2, channelsPerBot: 2, postsPerSecond: 10 };
const AWAY_MS = 8_000;
const ASK_EVERY_MS = 500;
const PATIENCE_MS = 30_000;

/** Kills PostgreSQL while bots post and an admin reads, keeps it away for some seconds, and starts it again. */
export const takePostgresAway = async (
  stage: Stage,
  postgres: Pick<TestPostgresServer, 'stopServer' | 'restart'>,
): Promise<PostgresAwaySeen> => {
  const { api, front, prefix, random } = stage;
  const crew = await Crew.gather(api, random, { ...CREW, prefix }, front.url);
  try {
    const questions = [
      ...crew.bots[0]!.channels.map((channel) => `/v1/messages?channel=${channel}&limit=20`),
      `/v1/bots/${crew.bots[0]!.name}`,
      '/v1/channels?limit=5',
    ];
    crew.talk();
    await pause(1_000); // so that there is something to show
    const known = new Map<string, string>();
    for (const question of questions) known.set(question, (await ask(stage, question)).text);
    const before = { answered: crew.count('answered'), putOff: crew.count('put-off') };
    await postgres.stopServer('crash');
    const reads = await askWhileAway(stage, known);
    const posts = {
      accepted: crew.count('answered') - before.answered,
      putOff: crew.count('put-off') - before.putOff,
      reconnections: crew.count('connected') - crew.bots.length,
    };
    await postgres.restart();
    const restartedAt = performance.now();
    await crew.settle(PATIENCE_MS);
    const saw = await withLog(stage, crew.histories, crew.bots);
    let shown = await readMessagesShown(front, crew.channels);
    const isLevel = await waitFor(
      'the read side to catch up',
      async () => {
        shown = await readMessagesShown(front, crew.channels);
        return !shown.isStale && shown.messages.length >= saw.log.length;
      },
      PATIENCE_MS,
      50,
    ).catch(() => false);
    return {
      reads,
      posts,
      levelMs: isLevel ? performance.now() - restartedAt : Infinity,
      shown: shown.messages,
      saw,
    };
  } finally {
    crew.close();
  }
};

const askWhileAway = async (stage: Stage, known: ReadonlyMap<string, string>): Promise<ReadSeen[]> => {
  const until = performance.now() + AWAY_MS;
  const reads: ReadSeen[] = [];
  while (performance.now() < until) {
    for (const [question, text] of known) {
      const read = await ask(stage, question);
      reads.push({ ...read, isLastKnown: read.text === text });
    }
    await pause(ASK_EVERY_MS);
  }
  return reads;
};

type Asked = Omit<ReadSeen, 'isLastKnown'> & Readonly<{ text: string }>;

const ask = async ({ front }: Stage, question: string): Promise<Asked> => {
  const begin = performance.now();
  const { status, headers, text } = await front.request('GET', question);
  return {
    status,
    isMarkedStale: headers.get('x-verbatim-stale') === 'true' && headers.has('age'),
    ms: performance.now() - begin,
    text,
  };
};

import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { pidWith } from '#test/support/local-user/processes.js';
import type { Seat, Stage } from './stage.js';
import { CHANNEL } from './stage.js';

/** One way in which connections end. */
export type Ending = Readonly<{
  name: string;
  /** Whether clients that reconnect by themselves must be back by themselves, or must have ended for good. */
  expected: 'back' | 'ended';
  /** The code of the notice before the end, if there is one. */
  word?: string;
  /** Whether clients come only while the ending is under way, not before. */
  comesFirst?: boolean;
  /** Resolves when clients may be back, or must have ended. */
  end(stage: Stage): Promise<void>;
}>;

/** A part of the command line of the store's process. */
const STORE = 'embedded-event-store/main.js';
/** Longer than a heartbeat and the wait for its answer. */
const FROZEN_MS = 25_000;
/** Longer than a bot may exceed its rate limit. */
const FLOOD_MS = 14_000;
const FLOOD_STEP_MS = 100;
/** Several times what the server reads from a bot, and no more than a client in any language sends in that time. */
const FLOOD_STEP = 150;
const STORE_AWAY_MS = 8_000;
const TOO_LARGE = 100_000;
/** More than the server reads at once. */
const TOO_MUCH = 20_000_000;

export const ENDINGS: readonly Ending[] = [
  {
    name: 'the server stops and starts again',
    expected: 'back',
    word: 'server_stopping',
    end: async (stage) => {
      await stage.verbatim.stopSystem();
      stage.verbatim = await stage.verbatim.startAgain();
    },
  },
  {
    name: 'the server is killed and starts again',
    expected: 'back',
    end: async (stage) => {
      await stage.verbatim.killTree();
      stage.verbatim = await stage.verbatim.startAgain();
    },
  },
  {
    name: 'the event store is away when it connects',
    expected: 'back',
    comesFirst: true,
    end: async (stage) => {
      const store = pidWith(stage.verbatim.process.tree.living(), STORE);
      process.kill(store, 'SIGSTOP');
      try {
        stage.start();
        await pause(STORE_AWAY_MS);
      } finally {
        process.kill(store, 'SIGCONT');
      }
    },
  },
  {
    name: 'the client is frozen for 25 s',
    expected: 'back',
    end: async ({ seats }) => {
      for (const { client } of seats) client.signal('SIGSTOP');
      await pause(FROZEN_MS);
      for (const { client } of seats) client.signal('SIGCONT');
    },
  },
  {
    name: 'a newer connection of the consumer',
    expected: 'ended',
    word: 'superseded',
    end: async ({ verbatim, seats }) => {
      for (const { key } of seats) (await TestBot.connect(verbatim.url, { key })).close();
    },
  },
  {
    name: 'its key is revoked',
    expected: 'ended',
    word: 'access_withdrawn',
    end: async ({ verbatim, seats }) => {
      for (const { bot, key } of seats)
        await verbatim.request('DELETE', `/v1/bots/${bot}/keys/${key.split('.')[2]}`);
    },
  },
  {
    name: 'it goes on beyond its rate',
    expected: 'ended',
    word: 'rate_limited',
    end: async ({ seats }) => {
      for (let ms = 0; ms < FLOOD_MS; ms += FLOOD_STEP_MS) {
        for (const seat of seats) flood(seat);
        await pause(FLOOD_STEP_MS);
      }
    },
  },
  {
    name: 'it sends a frame that is too large',
    expected: 'back',
    end: async ({ seats }) => {
      for (const seat of seats) postOf(seat, TOO_LARGE);
      await pause(1_000);
    },
  },
  {
    name: 'it sends more than is read at once',
    expected: 'back',
    word: 'protocol_error',
    end: async ({ seats }) => {
      for (const seat of seats) {
        postOf(seat, TOO_MUCH);
        await seat.client.waitFor('disconnect').catch(() => undefined);
      }
    },
  },
];

/** @param length of its text, which the client makes itself */
const postOf = ({ client }: Seat, length: number): void =>
  client.sendLong('post', { id: uuidv7(), channel: CHANNEL }, length);

/** Sends requests that want no answer, so that the client has nothing to do but to send. */
const flood = ({ client }: Seat): void => {
  if (client.count('notice', 'rate_limited') === 0) client.flood('who', { channel: CHANNEL }, FLOOD_STEP);
};

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ChannelFeeds } from '#libs/delivery/channel-feeds.js';
import { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Message } from '#libs/protocol/message.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import type { CursorKeeper } from '../cursors/cursor-keeper.js';
import { ChannelDelivery } from './channel-delivery.js';
import type { Outlet } from './channel-delivery.js';
import { DeliveryPace } from './delivery-pace.js';

const BATCH = { messages: 2, weight: Infinity, window: 1 };
/** The ring holds so few that nearly all of the backlog is read from the stream. */
const FEED = { tail: 1, ring: { messages: 1, weight: Infinity }, weight: Infinity };

const posted = (seq: number): RecordedEvent =>
  recordedEvent('messages-red', seq, 'MessagePosted', {
    id: `id-${seq}`,
    channel: 'red',
    bot: 'alice',
    body: `message ${seq}`,
  });

/** Lets everything happen that waits for nobody. */
const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns += 1) await turn();
};

/** One bot that has nothing yet of a channel with some messages, and acknowledges a batch when it is told to. */
const setUp = async (messages: number) => {
  const stream = Array.from({ length: messages }, (_, seq) => posted(seq));
  const reads: number[] = [];
  const feeds = new ChannelFeeds(
    {
      setAside: new SetAsideEvents(),
      // oxlint-disable-next-line typescript/require-await -- as the store's, which awaits
      async *readStream(_, { direction, from = 0, limit, onLastRevision } = {}) {
        if (direction === 'backwards') yield* stream.toReversed().slice(0, limit);
        else {
          reads.push(Number(from));
          yield* stream.filter(({ revision }) => revision >= Number(from)).slice(0, limit);
        }
        onLastRevision?.(stream.length - 1);
      },
    },
    { takePlace: () => undefined, takeGap: () => undefined },
    undefined,
    FEED,
  );
  const batches: (readonly Message[])[] = [];
  const said: string[] = [];
  const unanswered: (() => void)[] = [];
  const outlet: Outlet = {
    socket: {
      emit: (event: string, payload: { messages: readonly Message[] }, acknowledge?: () => void) => {
        said.push(event);
        if (event === 'backlog') batches.push(payload.messages);
        if (acknowledge) unanswered.push(acknowledge);
        return true;
      },
      join: () => undefined,
      leave: () => undefined,
    } as unknown as Outlet['socket'],
    buffer: { waiting: () => 0, whenBelow: (_, call) => call() },
    cursors: { advance: () => undefined } as unknown as CursorKeeper,
    fail: () => void said.push('failed'),
  };
  const feed = await feeds.open('red');
  const delivery = new ChannelDelivery(outlet, feed, feeds, new DeliveryPace({ batch: BATCH }), -1);
  const acknowledge = async (): Promise<void> => {
    for (const answer of unanswered.splice(0)) answer();
    await settle();
  };
  delivery.startDelivery();
  await settle();
  return { feeds, reads, batches, said, acknowledge, delivery };
};

const seqsOf = (batches: readonly (readonly Message[])[]): number[] => batches.flat().map(({ seq }) => seq);

describe('a backlog whose next page is read ahead', () => {
  it('is read once, the next page before the bot has acknowledged the last one', async () => {
    const { reads, batches, said, acknowledge } = await setUp(7);
    expect(seqsOf(batches)).toEqual([0, 1]);
    expect(reads).toEqual([0, 2]);
    for (let left = 4; left > 0; left -= 1) await acknowledge();
    expect(seqsOf(batches)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(reads).toEqual([0, 2, 4]); // the last message is in the ring
    expect(said.at(-1)).toBe('caughtup');
  });

  it('shows nothing that was redacted after it was read', async () => {
    const { feeds, reads, batches, acknowledge } = await setUp(7);
    expect(reads).toEqual([0, 2]);
    feeds.redact('red', 'alice', 'id-3');
    await acknowledge();
    expect(batches.flat().map(({ body }) => body)).toEqual(['message 0', 'message 1', 'message 2', '']);
  });

  it('is not read on for a connection that has ended', async () => {
    const { delivery, reads, batches, acknowledge } = await setUp(9);
    delivery.stopDelivery();
    await acknowledge();
    expect(seqsOf(batches)).toEqual([0, 1]);
    expect(reads).toEqual([0, 2]);
  });
});

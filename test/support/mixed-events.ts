import { v5 as uuidv5 } from 'uuid';
import type { BotEvent } from '#libs/domain/bot/bot.events.js';
import type { ChannelEvent } from '#libs/domain/channel/channel.events.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { PresenceEvent } from '#libs/domain/presence/presence.events.js';
import type { EventStore } from '#libs/event-store/event-store.js';

type AnyEvent = BotEvent | ChannelEvent | ConversationEvent | PresenceEvent;
/** Events of one stream that happen one after the other. */
export type Stretch = Readonly<{ stream: string; events: readonly AnyEvent[] }>;

const BOTS = 20;
const CHANNELS = 8;
const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const BODIES = [
  'hello',
  'the build is green',
  '東京に行きました',
  '안녕하세요',
  'odd\0text\ud800',
  'naïve Übergröße',
  '🙂🙂',
];

const stretch = (stream: string, events: readonly AnyEvent[]): Stretch => ({ stream, events });

type Dice = Readonly<{ next(): number }>;

/**
 * Tells a story with everything that read models are made from: posts, edits, redactions, joins, leaves, suspensions,
 * keys, connections. The same dice give the same story.
 */
export function* mixedEvents(count: number, dice: Dice): Generator<Stretch> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(dice.next() * from.length)]!;
  const bots = Array.from({ length: BOTS }, (_, index) => `bot${index}`);
  const channels = Array.from({ length: CHANNELS }, (_, index) => `channel${index}`);
  const members = new Set<string>();
  const posted = new Map<string, { id: string; bot: string }[]>(channels.map((channel) => [channel, []]));
  let made = 0;
  const id = (): string => uuidv5(`${made++}`, NAMESPACE);

  const said = (channel: string): ConversationEvent => {
    const earlier = posted.get(channel)!;
    const chance = dice.next();
    if (chance < 0.75 || earlier.length === 0) {
      const message = { id: id(), bot: pick(bots) };
      earlier.push(message);
      const data = { ...message, channel, body: `${pick(BODIES)} ${made}` };
      return {
        type: 'MessagePosted',
        data: chance < 0.1 ? { ...data, data: { n: made, of: [pick(bots)] } } : data,
      };
    }
    const { id: target, bot } = pick(earlier.slice(-200));
    if (chance < 0.93)
      return {
        type: 'MessageEdited',
        data: { id: id(), channel, bot, target, body: `${pick(BODIES)} edited ${made}` },
      };
    return { type: 'MessageRedacted', data: { id: id(), channel, bot, target, reason: 'a slip' } };
  };
  const moved = (channel: string): ChannelEvent => {
    const bot = pick(bots);
    const member = `${channel}/${bot}`;
    if (members.delete(member)) return { type: 'BotLeft', data: { channel, bot } };
    members.add(member);
    return { type: 'BotJoined', data: { channel, bot, from: -1 } };
  };
  const administered = (bot: string): BotEvent[] => [
    { type: 'KeyIssued', data: { bot, keyId: `k${made++}`, hash: 'f'.repeat(64) } },
    { type: 'BotSuspended', data: { bot, reason: pick(BODIES) } },
    { type: 'BotReinstated', data: { bot } },
  ];
  const connected = (bot: string): PresenceEvent[] => {
    const data = { bot, consumer: 'default', connection: id(), gateway: 'gateway' };
    const came = { type: 'BotConnected', data } as const;
    return dice.next() < 0.3
      ? [came]
      : [came, { type: 'BotDisconnected', data: { ...data, reason: 'client_closed' } }];
  };

  for (const bot of bots) yield stretch(`bot-${bot}`, [{ type: 'BotRegistered', data: { bot } }]);
  for (const channel of channels)
    yield stretch(`channel-${channel}`, [{ type: 'ChannelOpened', data: { channel, visibility: 'public' } }]);
  for (let left = count - BOTS - CHANNELS; left > 0;) {
    const chance = dice.next();
    const channel = pick(channels);
    const bot = pick(bots);
    const some = Math.min(left, 1 + Math.floor(dice.next() * 40));
    let next: Stretch;
    if (chance < 0.8) {
      const events = Array.from({ length: some }, () => said(channel));
      next = stretch(`messages-${channel}`, events);
    } else if (chance < 0.88) {
      const events = Array.from({ length: Math.min(some, 5) }, () => moved(channel));
      next = stretch(`channel-${channel}`, events);
    } else if (chance < 0.94) {
      next = stretch(`bot-${bot}`, administered(bot).slice(0, left));
    } else {
      next = stretch(`presence-${bot}`, connected(bot).slice(0, left));
    }
    left -= next.events.length;
    yield next;
  }
}

/** Appends the story piece by piece, and tells `onAppended` how many events have been appended by then. */
export const appendStory = async (
  store: EventStore,
  story: Iterable<Stretch>,
  onAppended: (events: number) => void = () => undefined,
): Promise<number> => {
  let appended = 0;
  for (const { stream, events } of story) {
    const made = events.map(({ type, data }, index) => {
      const eventId = uuidv5(`${stream} ${appended + index}`, NAMESPACE);
      const metadata = {
        actor: { kind: 'system' },
        $correlationId: eventId,
        $causationId: eventId,
        schema: 1,
        node: 'spec',
      } as const;
      return { eventId, type, data, metadata };
    });
    await store.append(stream, made, 'any');
    appended += events.length;
    onAppended(appended);
  }
  return appended;
};

import { botStream, channelStream, cursorStream, messagesStream } from '#libs/domain/stream-names.js';
import type { StoredFilter } from '#libs/event-store/stored/read-request.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';

/** Selects the events that match every given condition. */
export type EventFilter = Readonly<{
  stream?: string | undefined;
  type?: string | undefined;
  /** Events of the bot's own streams, and events that it caused. */
  bot?: string | undefined;
  /** The channel's messages, and what happened to the channel itself. */
  channel?: string | undefined;
}>;

type Test = (event: StoredEvent) => boolean;

/**
 * Returns the narrowest condition that the store can apply by itself. The store compares only the beginnings
 * of names, so {@link matching} has to check again.
 */
export const storeFilter = ({ stream, type, channel }: EventFilter): StoredFilter | undefined => {
  if (stream !== undefined) return { streams: [stream] };
  if (channel !== undefined) return { streams: [messagesStream(channel), channelStream(channel)] };
  return type === undefined ? undefined : { types: [type] };
};

/**
 * Returns a test for the wanted events. The store's own events (`$`) are left out unless their stream or type
 * is named.
 */
export const matching = ({ stream, type, bot, channel }: EventFilter): Test => {
  const tests: Test[] = [];
  if (stream !== undefined) tests.push((event) => event.stream === stream);
  if (type !== undefined) tests.push((event) => event.type === type);
  if (stream === undefined && type === undefined) tests.push(isOurs);
  if (channel !== undefined) {
    const streams = new Set([messagesStream(channel), channelStream(channel)]);
    tests.push((event) => streams.has(event.stream));
  }
  if (bot !== undefined) tests.push(ofBot(bot));
  return (event) => tests.every((test) => test(event));
};

const isOurs: Test = ({ stream, type }) => !stream.startsWith('$') && !type.startsWith('$');

const ofBot = (bot: string): Test => {
  const own = new Set([botStream(bot), `presence-${bot}`]);
  const cursors = cursorStream(bot, '');
  const name = Buffer.from(JSON.stringify(bot));
  return (event) =>
    own.has(event.stream) ||
    event.stream.startsWith(cursors) ||
    (contains(event.metadata, name) && actorIn(event.metadata) === bot) ||
    (contains(event.data, name) && botIn(event.data) === bot);
};

/** A quick check, so that most events need not be parsed. */
const contains = (bytes: Uint8Array, part: Buffer): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(part);

const actorIn = (metadata: Uint8Array): unknown => {
  const { actor } = parsed(metadata) as { actor?: { kind?: unknown; name?: unknown } | null };
  return actor?.kind === 'bot' ? actor.name : undefined;
};

const botIn = (data: Uint8Array): unknown => (parsed(data) as { bot?: unknown }).bot;

const parsed = (bytes: Uint8Array): object => {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};

import { noOperatorKeys, evolveAccess } from '#libs/domain/access/access.decider.js';
import { evolveBot, unknownBot } from '#libs/domain/bot/bot.decider.js';
import { evolveChannel, unknownChannel } from '#libs/domain/channel/channel.decider.js';
import { DECISIONS_STREAM, parseStreamName } from '#libs/domain/stream-names.js';
import {
  isAccessEvent,
  isBotEvent,
  isChannelEvent,
  isDecisionEvent,
} from '#libs/event-store/codec/event-types.js';
import { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import { callerOf } from './caller-of.js';
import { Damage } from './damage.js';
import { Memberships } from './memberships.js';
import type { Unread } from './damage.js';
import type { OperatorKeys } from '#libs/domain/access/access.decider.js';
import type { OperatorRole } from '#libs/domain/access/access.events.js';
import type { Bot } from '#libs/domain/bot/bot.decider.js';
import type { Channel } from '#libs/domain/channel/channel.decider.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Caller } from '#libs/platform/access/caller.js';

/** What the directory follows. */
export const DIRECTORY_PREFIXES = ['bot-', 'channel-', 'keys-', 'decisions-'] as const;
const FAMILIES: readonly string[] = ['bot', 'channel', 'keys', 'decisions'];

/** One stream of the directory: its fold, and the revision of the last event in it. */
export type Entry<State> = Readonly<{ state: State; revision: number }>;

/** All entries by bot, channel and role name. */
export type DirectoryState = Readonly<{
  bots: ReadonlyMap<string, Entry<Bot>>;
  channels: ReadonlyMap<string, Entry<Channel>>;
  operators: ReadonlyMap<string, Entry<OperatorKeys>>;
  /** What could not be taken in, by stream. */
  damage: Iterable<readonly [stream: string, unread: Unread]>;
}>;

/**
 * Who is who, folded from the log and held in memory: every question is answered at once, whatever store is down. It
 * never shows an older state after a newer one.
 *
 * An event that can't be understood, or is missing, changes nothing but closes whom it concerns: the bot can't come in,
 * the channel can't be used, until an admin sets it aside. Of the operators' keys the state without it stands, for only an
 * admin can decide about it.
 */
export class Directory {
  readonly #bots = new Map<string, Entry<Bot>>();
  readonly #channels = new Map<string, Entry<Channel>>();
  readonly #operators = new Map<string, Entry<OperatorKeys>>();
  readonly #memberships = new Memberships();
  readonly #damage: Damage;
  /** Up to which revision the stream of decisions is known. */
  #decisions = -1;
  readonly #listeners: ((event: RecordedEvent) => void)[] = [];

  /** @param setAside where the decisions of admins are noted, for whoever meets such an event */
  constructor(readonly setAside = new SetAsideEvents()) {
    this.#damage = new Damage(setAside);
  }

  bot(name: string): Bot {
    return this.#bots.get(name)?.state ?? unknownBot;
  }

  /** Why nobody can rely on what is known of a bot's, channel's or role's stream; undefined when one can. */
  damageOf(stream: string): Readonly<{ revision: number; why: string }> | undefined {
    return this.#damage.of(stream);
  }

  /** Whether this event is why a stream is damaged, or one of the reasons; set aside or not. */
  isDamaged(stream: string, revision: number): boolean {
    return this.#damage.has(stream, revision);
  }

  channel(name: string): Channel {
    return this.#channels.get(name)?.state ?? unknownChannel;
  }

  /** The keys of a role that were not revoked; some may have expired. */
  operatorKeys(role: OperatorRole): OperatorKeys {
    return this.#operators.get(role)?.state ?? noOperatorKeys;
  }

  /** Names of the channels the bot is a member of, archived ones included, in alphabetical order. */
  channelsOf(bot: string): readonly string[] {
    return this.#memberships.channelsOf(bot);
  }

  /** Names of a channel's members; none for an unknown channel. */
  members(channel: string): readonly string[] {
    const state = this.channel(channel);
    return state.status === 'unknown' ? [] : [...state.members.keys()];
  }

  /** Up to which revision a stream is in the directory. */
  revisionOf(stream: string): number | 'no_stream' {
    const revision = this.#revisionOf(stream);
    return revision === -1 ? 'no_stream' : revision;
  }

  get state(): DirectoryState {
    return { bots: this.#bots, channels: this.#channels, operators: this.#operators, damage: this.#damage };
  }

  /**
   * Whose key this is at a time, in milliseconds since 1970; undefined unless it is a valid key of somebody known.
   * @throws RequestError `forbidden` for a valid key of a suspended bot
   */
  authenticate(key: string, at = Date.now()): Caller | undefined {
    return callerOf(key, this, at);
  }

  /** Called after each event that was new to the directory, in its streams' order. A listener must not throw. */
  onChange(listener: (event: RecordedEvent) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Takes in one event of a bot's, channel's or operators' stream. False if it was known already or is of another
   * stream. It never throws.
   */
  apply(event: RecordedEvent): boolean {
    const stream = parseStreamName(event.stream);
    if (!stream || !FAMILIES.includes(stream.family)) return false;
    if (stream.family === 'decisions' && event.stream !== DECISIONS_STREAM) return false;
    const known = this.#revisionOf(event.stream);
    if (event.revision <= known) return false;
    if (event.revision > known + 1)
      this.#damage.note(event.stream, known + 1, `events ${known + 1} to ${event.revision - 1} are missing`);
    if (event.unreadable !== undefined) this.#damage.note(event.stream, event.revision, event.unreadable);
    this.#fold(stream.family, stream.id, event);
    for (const listener of this.#listeners) listener(event);
    return true;
  }

  /** Starts from a state saved earlier. Only for an empty directory that nobody listens to yet. */
  restore(saved: DirectoryState): void {
    for (const [stream, unread] of saved.damage)
      for (const [revision, why] of unread) this.#damage.note(stream, revision, why);
    for (const [name, entry] of saved.bots) this.#bots.set(name, entry);
    for (const [role, entry] of saved.operators) this.#operators.set(role, entry);
    for (const [name, entry] of saved.channels) {
      this.#channels.set(name, entry);
      for (const bot of this.members(name)) this.#memberships.add(bot, name);
    }
  }

  #revisionOf(stream: string): number {
    if (stream === DECISIONS_STREAM) return this.#decisions;
    return this.#entryOf(stream)?.revision ?? -1;
  }

  #entryOf(stream: string): Entry<unknown> | undefined {
    const parsed = parseStreamName(stream);
    switch (parsed?.family) {
      case 'bot':
        return this.#bots.get(parsed.id);
      case 'channel':
        return this.#channels.get(parsed.id);
      case 'keys':
        return this.#operators.get(parsed.id);
      default:
        return undefined;
    }
  }

  /** What can't be understood moves the revision and changes nothing else. */
  #fold(family: string, id: string, event: RecordedEvent): void {
    const { revision } = event;
    const isReadable = event.unreadable === undefined;
    if (family === 'decisions') this.#takeDecision(event);
    else if (family === 'bot') {
      const before = this.bot(id);
      this.#bots.set(id, {
        state: isReadable && isBotEvent(event) ? evolveBot(before, event) : before,
        revision,
      });
    } else if (family === 'channel') {
      const before = this.channel(id);
      const said = isReadable && isChannelEvent(event) ? event : undefined;
      this.#channels.set(id, { state: said ? evolveChannel(before, said) : before, revision });
      if (said?.type === 'BotJoined') this.#memberships.add(said.data.bot, id);
      if (said?.type === 'BotLeft') this.#memberships.remove(said.data.bot, id);
    } else {
      const before = this.#operators.get(id)?.state ?? noOperatorKeys;
      this.#operators.set(id, {
        state: isReadable && isAccessEvent(event) ? evolveAccess(before, event) : before,
        revision,
      });
    }
  }

  /** A decision that can't be understood decides nothing. */
  #takeDecision(event: RecordedEvent): void {
    this.#decisions = event.revision;
    if (event.unreadable !== undefined || !isDecisionEvent(event)) return;
    const { stream, revision, reason, keyId } = event.data;
    this.setAside.add({ stream, revision, reason, keyId, at: event.at.toISOString() });
  }
}

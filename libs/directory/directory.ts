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

/** The prefixes of the streams that the directory follows. */
export const DIRECTORY_PREFIXES = ['bot-', 'channel-', 'keys-', 'decisions-'] as const;
const FAMILIES: readonly string[] = ['bot', 'channel', 'keys', 'decisions'];

/** One stream of the directory: its folded state and the revision of its last event. */
export type Entry<State> = Readonly<{ state: State; revision: number }>;

/** All entries, by name of the bot, channel or role. */
export type DirectoryState = Readonly<{
  bots: ReadonlyMap<string, Entry<Bot>>;
  channels: ReadonlyMap<string, Entry<Channel>>;
  operators: ReadonlyMap<string, Entry<OperatorKeys>>;
  /** The events that could not be applied, by stream. */
  damage: Iterable<readonly [stream: string, unread: Unread]>;
}>;

/**
 * Holds in memory who is who, folded from the log. Every question is answered at once, even while a store is
 * down. An older state is never shown after a newer one.
 *
 * An event that cannot be decoded or is missing changes no state, but closes whatever depends on its stream
 * until an admin sets it aside: the bot cannot connect, the channel cannot be used, auditors' keys are
 * refused. Admins' keys stay valid, because only an admin can decide about the event.
 */
export class Directory {
  readonly #bots = new Map<string, Entry<Bot>>();
  readonly #channels = new Map<string, Entry<Channel>>();
  readonly #operators = new Map<string, Entry<OperatorKeys>>();
  readonly #memberships = new Memberships();
  readonly #damage: Damage;
  /** The last revision of the stream of decisions that was applied. */
  #decisions = -1;
  readonly #listeners: ((event: RecordedEvent) => void)[] = [];

  /** @param setAside collects admins' decisions, for every reader that meets a set-aside event */
  constructor(readonly setAside = new SetAsideEvents()) {
    this.#damage = new Damage(setAside);
  }

  bot(name: string): Bot {
    return this.#bots.get(name)?.state ?? unknownBot;
  }

  /** Returns why the stream of a bot, channel or role cannot be relied on, or undefined when it can. */
  damageOf(stream: string): Readonly<{ revision: number; why: string }> | undefined {
    return this.#damage.firstUnreadable(stream);
  }

  /** Returns whether this event is one of the reasons why a stream is damaged, even if it is set aside. */
  isDamaged(stream: string, revision: number): boolean {
    return this.#damage.has(stream, revision);
  }

  channel(name: string): Channel {
    return this.#channels.get(name)?.state ?? unknownChannel;
  }

  /** Returns the keys of a role. An issued key may have expired. */
  operatorKeys(role: OperatorRole): OperatorKeys {
    return this.#operators.get(role)?.state ?? noOperatorKeys;
  }

  /**
   * Returns the names of the channels that the bot is a member of, including archived ones, in alphabetical
   * order.
   */
  channelsOf(bot: string): readonly string[] {
    return this.#memberships.channelsOf(bot);
  }

  /** Returns the names of a channel's members; none for an unknown channel. */
  members(channel: string): readonly string[] {
    const state = this.channel(channel);
    return state.status === 'unknown' ? [] : [...state.members.keys()];
  }

  /** Returns the last revision of a stream that the directory has applied. */
  revisionOf(stream: string): number | 'no_stream' {
    const revision = this.#revisionOf(stream);
    return revision === -1 ? 'no_stream' : revision;
  }

  get state(): DirectoryState {
    return { bots: this.#bots, channels: this.#channels, operators: this.#operators, damage: this.#damage };
  }

  /**
   * Returns whose key this is, at a time in milliseconds since 1970. Returns undefined unless it is a valid
   * key of a known caller.
   *
   * @throws RequestError `forbidden` for a valid key of a suspended bot, or when the stream that holds the
   * key is damaged
   */
  authenticate(key: string, at = Date.now()): Caller | undefined {
    return callerOf(key, this, at);
  }

  /**
   * Registers a listener that is called after each event that is new to the directory, in the order of the
   * event's stream. A listener must not throw.
   */
  onChange(listener: (event: RecordedEvent) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Applies one event of a bot's, channel's or role's stream, or of the stream of decisions. Returns false if
   * the event is already known or belongs to another stream. Never throws.
   */
  apply(event: RecordedEvent): boolean {
    const stream = parseStreamName(event.stream);
    if (!stream || !FAMILIES.includes(stream.family)) return false;
    if (stream.family === 'decisions' && event.stream !== DECISIONS_STREAM) return false;
    const known = this.#revisionOf(event.stream);
    if (event.revision <= known) return false;
    if (event.revision > known + 1)
      this.#damage.addUnreadable(
        event.stream,
        known + 1,
        `events ${known + 1} to ${event.revision - 1} are missing`,
      );
    if (event.unreadable !== undefined)
      this.#damage.addUnreadable(event.stream, event.revision, event.unreadable);
    this.#fold(stream.family, stream.id, event);
    for (const listener of this.#listeners) listener(event);
    return true;
  }

  /** Restores a saved state. Call it only on an empty directory that has no listeners yet. */
  restore(saved: DirectoryState): void {
    for (const [stream, unread] of saved.damage)
      for (const [revision, why] of unread) this.#damage.addUnreadable(stream, revision, why);
    for (const [name, entry] of saved.bots) this.#bots.set(name, entry);
    for (const [role, entry] of saved.operators) this.#operators.set(role, entry);
    for (const [name, entry] of saved.channels) {
      this.#channels.set(name, entry);
      for (const bot of this.members(name)) this.#memberships.addMember(bot, name);
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

  /**
   * Folds an event into its entry. An event that cannot be decoded moves the revision and changes nothing
   * else.
   */
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
      if (said?.type === 'BotJoined') this.#memberships.addMember(said.data.bot, id);
      if (said?.type === 'BotLeft') this.#memberships.remove(said.data.bot, id);
    } else {
      const before = this.#operators.get(id)?.state ?? noOperatorKeys;
      this.#operators.set(id, {
        state: isReadable && isAccessEvent(event) ? evolveAccess(before, event) : before,
        revision,
      });
    }
  }

  /** Applies an admin's decision. A decision that cannot be decoded has no effect. */
  #takeDecision(event: RecordedEvent): void {
    this.#decisions = event.revision;
    if (event.unreadable !== undefined || !isDecisionEvent(event)) return;
    const { stream, revision, reason, keyId } = event.data;
    this.setAside.setAside({ stream, revision, reason, keyId, at: event.at.toISOString() });
  }
}

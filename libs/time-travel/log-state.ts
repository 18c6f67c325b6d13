import type { Actor } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import {
  isAccessEvent,
  isBotEvent,
  isChannelEvent,
  isConversationEvent,
} from '#libs/event-store/codec/event-types.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { comparePositions, type LogPosition } from '#libs/event-store/position.js';

/** What the log tells of: channels, their messages and members, bots and their keys, keys of people, tokens taken back. */
export type SubjectKind = 'channel' | 'messages' | 'member' | 'bot' | 'bot-key' | 'key' | 'tokens';

/** What is true of a subject. Names and values are those of the read models, where they have them. */
export type Facts = Readonly<Record<string, Json>>;

export type Subject = Readonly<{ kind: SubjectKind; name: string; facts: Facts }>;

/**
 * What the log says at a place: the fold of all events up to there. It holds no text of messages and no hash of a key.
 */
export class LogState {
  #subjects = new Map<string, Subject>();
  #revisions = new Map<string, number>();
  #last: Readonly<{ position: LogPosition; at: Date }> | undefined;
  #events = 0;
  #unreadable = 0;
  #missing = 0;

  /** Returns a state of its own that is equal to this one. */
  copy(): LogState {
    const copy = new LogState();
    copy.#subjects = new Map(this.#subjects);
    copy.#revisions = new Map(this.#revisions);
    copy.#last = this.#last;
    copy.#events = this.#events;
    copy.#unreadable = this.#unreadable;
    copy.#missing = this.#missing;
    return copy;
  }

  /** Position and time of the last event; undefined before the first. */
  get last(): Readonly<{ position: LogPosition; at: Date }> | undefined {
    return this.#last;
  }

  /**
   * How many events there were, how many of them nobody understands, and how many are missing: their stream goes on
   * after them, but retention has removed them, or the log is not whole.
   */
  get counts(): Readonly<{ events: number; unreadable: number; missing: number }> {
    return { events: this.#events, unreadable: this.#unreadable, missing: this.#missing };
  }

  /** Returns everything that is there, in no particular order. */
  subjects(): readonly Subject[] {
    return [...this.#subjects.values()];
  }

  /** Takes the next event of the log. @throws RangeError for one that does not come after the last */
  applyEvent(event: RecordedEvent & Readonly<{ position: LogPosition }>): void {
    const { position, at } = event;
    if (this.#last && comparePositions(position, this.#last.position) <= 0)
      throw new RangeError(`The event at position ${position.commit} is not in the order of the log`);
    this.#last = { position, at };
    this.#events += 1;
    this.#noteRevision(event);
    if (event.unreadable !== undefined) this.#unreadable += 1;
    else if (isConversationEvent(event)) this.#said(event);
    else if (isChannelEvent(event)) this.#channelChanged(event, event.at.toISOString());
    else if (isBotEvent(event)) this.#botChanged(event, event.at.toISOString());
    else if (isAccessEvent(event)) this.#keysChanged(event, event.at.toISOString());
  }

  #noteRevision({ stream, revision }: RecordedEvent): void {
    const family = parseStreamName(stream)?.family;
    if (family === undefined || !KEPT_WHOLE.has(family)) return;
    this.#missing += Math.max(0, revision - (this.#revisions.get(stream) ?? -1) - 1);
    this.#revisions.set(stream, revision);
  }

  #said({ type, stream, revision }: RecordedEvent): void {
    const channel = parseStreamName(stream)!.id;
    const { posted = 0, edited = 0, redacted = 0 } = this.#factsOf('messages', channel);
    this.#put('messages', channel, {
      head: revision,
      posted: Number(posted) + Number(type === 'MessagePosted'),
      edited: Number(edited) + Number(type === 'MessageEdited'),
      redacted: Number(redacted) + Number(type === 'MessageRedacted'),
    });
  }

  #channelChanged(event: RecordedEvent, at: string): void {
    if (!isChannelEvent(event)) return;
    const { channel } = event.data;
    if (event.type === 'ChannelOpened')
      this.#put('channel', channel, { visibility: event.data.visibility, status: 'open', openedAt: at });
    else if (event.type === 'ChannelArchived')
      this.#add('channel', channel, { status: 'archived', archivedAt: at });
    else if (event.type === 'BotJoined')
      this.#put('member', `${channel}/${event.data.bot}`, { since: at, from: event.data.from });
    else this.#subjects.delete(idOf('member', `${channel}/${event.data.bot}`));
  }

  #botChanged(event: RecordedEvent, at: string): void {
    if (!isBotEvent(event)) return;
    const { bot } = event.data;
    if (event.type === 'BotRegistered') this.#put('bot', bot, { status: 'active', registeredAt: at });
    else if (event.type === 'BotSuspended') {
      const { reason } = event.data;
      this.#add('bot', bot, {
        status: 'suspended',
        suspendedAt: at,
        ...(reason !== undefined && { reason }),
      });
    } else if (event.type === 'BotReinstated') {
      const { registeredAt = at } = this.#factsOf('bot', bot);
      this.#put('bot', bot, { status: 'active', registeredAt });
    } else if (event.type === 'KeyIssued')
      this.#put('bot-key', `${bot}/${event.data.keyId}`, issued(event.data, event.metadata.actor, at));
    else this.#add('bot-key', `${bot}/${event.data.keyId}`, revoked(event.metadata.actor, at));
  }

  #keysChanged(event: RecordedEvent, at: string): void {
    if (!isAccessEvent(event)) return;
    const { role, keyId } = event.data;
    const { actor } = event.metadata;
    const name = `${role}/${keyId}`;
    if (event.type === 'OperatorKeyIssued') this.#put('key', name, issued(event.data, actor, at));
    else if (this.#subjects.has(idOf('key', name))) this.#add('key', name, revoked(actor, at));
    else {
      // The id stands for tokens of an identity provider, which nobody issues here.
      const { issuedBefore } = event.data;
      this.#put('tokens', keyId, {
        ...revoked(actor, at),
        ...(issuedBefore !== undefined && { issuedBefore }),
      });
    }
  }

  #factsOf(kind: SubjectKind, name: string): Facts {
    return this.#subjects.get(idOf(kind, name))?.facts ?? {};
  }

  #add(kind: SubjectKind, name: string, more: Facts): void {
    this.#put(kind, name, { ...this.#factsOf(kind, name), ...more });
  }

  #put(kind: SubjectKind, name: string, facts: Facts): void {
    this.#subjects.set(idOf(kind, name), { kind, name, facts });
  }
}

/** The families whose streams are kept forever, so that a revision that is missing says something. */
const KEPT_WHOLE: ReadonlySet<string> = new Set(['messages', 'channel', 'bot', 'keys']);

const idOf = (kind: SubjectKind, name: string): string => `${kind} ${name}`;

const issued = ({ expiresAt }: Readonly<{ expiresAt?: string }>, by: Actor, at: string): Facts => ({
  status: 'issued',
  issuedAt: at,
  ...whoDid('issuedBy', by),
  ...(expiresAt !== undefined && { expiresAt }),
});

const revoked = (by: Actor, at: string): Facts => ({
  status: 'revoked',
  revokedAt: at,
  ...whoDid('revokedBy', by),
});

const whoDid = (field: string, actor: Actor): Facts =>
  (actor.kind === 'admin' || actor.kind === 'auditor') && typeof actor.keyId === 'string'
    ? { [field]: actor.keyId }
    : {};

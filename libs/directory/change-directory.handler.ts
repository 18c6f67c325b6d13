import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import { decideAccess } from '#libs/domain/access/access.decider.js';
import { decideBot } from '#libs/domain/bot/bot.decider.js';
import { decideSetAside } from '#libs/domain/decision/decision.decider.js';
import { decideChannel } from '#libs/domain/channel/channel.decider.js';
import { Rejection } from '#libs/domain/rejection.js';
import { DECISIONS_STREAM, botStream, channelStream, keysStream } from '#libs/domain/stream-names.js';
import { Backoff } from '#libs/time/backoff.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';
import { StoreUnavailable, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { Actor, DomainEvent } from '#libs/domain/event.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';
import { ChangeDirectoryCommand } from './change-directory.command.js';
import type { DirectoryChange } from './change-directory.command.js';
import { Directory } from './directory.js';
import { sleep } from '#libs/time/sleep.js';

type Decided = Readonly<{ stream: string; events: readonly DomainEvent<string, unknown>[] }>;

/**
 * How often an append is attempted while other processes write to the same stream. The pauses between
 * attempts grow and add up to about three seconds. Each conflict means that another writer succeeded.
 */
const ATTEMPTS = 10;
const PAUSES = { initialMs: 5, maxMs: 1_000 } as const;
/** Milliseconds that the log may take to deliver our own event. After that, its stream is read instead. */
const ECHO_MS = 1_000;

/** Executes commands that change the directory, and records admins' decisions about events. */
@CommandHandler(ChangeDirectoryCommand)
export class ChangeDirectoryHandler implements ICommandHandler<ChangeDirectoryCommand> {
  /**
   * The last command of each stream that has one in progress. Commands of this process to one stream run one
   * after another.
   */
  readonly #last = new Map<string, Promise<unknown>>();
  /**
   * Last revisions of streams whose newest events are hidden by retention, so that the directory has not seen
   * them.
   */
  readonly #hiddenEnds = new Map<string, number>();

  constructor(
    @Inject(EventStore) private readonly store: Pick<EventStore, 'append' | 'readStream'>,
    private readonly directory: Directory,
    @Inject(LogFeed) private readonly feed: Pick<LogFeed, 'position' | 'reached'>,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'node'>,
  ) {}

  /**
   * Decides by the newest state of the stream and appends the events. When it resolves, the directory of this
   * process shows the change. The returned position is where every other reader will have it (the current
   * position if nothing had to change).
   *
   * @throws Rejection when the rules refuse the command in the newest state
   * @throws StoreUnavailable when other writers won every attempt, or it is unknown whether the events were written
   */
  async execute({ change, actor }: ChangeDirectoryCommand): Promise<LogPosition> {
    const stream = streamOf(change);
    const before = this.#last.get(stream) ?? Promise.resolve();
    const done = before.then(() => this.#carryOut(change, actor));
    const settled = done.catch(() => undefined);
    this.#last.set(stream, settled);
    try {
      return await done;
    } finally {
      if (this.#last.get(stream) === settled) this.#last.delete(stream);
    }
  }

  async #carryOut(change: DirectoryChange, actor: Actor): Promise<LogPosition> {
    const backoff = new Backoff(PAUSES);
    let isNewest = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const decided = this.#tryDecide(change);
      const nothingToDo = decided instanceof Rejection || decided.events.length === 0;
      if (nothingToDo && !isNewest) {
        // There is nothing to append, so no conflict would reveal an outdated state. Read the tail and decide
        // again.
        await this.#readTail(streamOf(change));
        isNewest = true;
        continue;
      }
      if (decided instanceof Rejection) throw decided;
      if (nothingToDo) return this.feed.position;
      const position = await this.#append(decided, actor);
      if (position) return position;
      await sleep(backoff.next());
      await this.#readTail(decided.stream);
      isNewest = true;
    }
    throw new StoreUnavailable(`Too many others write to ${streamOf(change)}`);
  }

  /** Appends the events and returns their position, or undefined on a conflict. */
  async #append({ stream, events }: Decided, actor: Actor): Promise<LogPosition | undefined> {
    const expected = this.#revisionOf(stream);
    try {
      const appended = await this.store.append(stream, this.#newEvents(events, actor), expected);
      await this.#awaitEcho(stream, appended.position);
      return appended.position;
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return undefined;
      throw error;
    }
  }

  async #awaitEcho(stream: string, position: LogPosition): Promise<void> {
    try {
      await this.feed.reached(position, ECHO_MS);
    } catch {
      await this.#readTail(stream);
    }
  }

  async #readTail(stream: string): Promise<void> {
    const known = this.#revisionOf(stream);
    const from = known === 'no_stream' ? 0 : known + 1;
    const onLastRevision = (last: number): void => {
      if (last > asNumber(this.directory.revisionOf(stream))) this.#hiddenEnds.set(stream, last);
    };
    for await (const event of this.store.readStream(stream, { from, onLastRevision }))
      this.directory.apply(event);
  }

  /** Returns the last revision of the stream that the directory has applied or that retention has hidden. */
  #revisionOf(stream: string): number | 'no_stream' {
    const revision = Math.max(
      asNumber(this.directory.revisionOf(stream)),
      this.#hiddenEnds.get(stream) ?? NOWHERE,
    );
    return revision === NOWHERE ? 'no_stream' : revision;
  }

  #tryDecide(change: DirectoryChange): Decided | Rejection {
    try {
      return { stream: streamOf(change), events: this.#decide(change) };
    } catch (error) {
      if (error instanceof Rejection) return error;
      throw error;
    }
  }

  #decide(change: DirectoryChange): readonly DomainEvent<string, unknown>[] {
    if (change.type === 'SetEventAside') return decideSetAside(change, this.directory.setAside);
    if ('role' in change) return decideAccess(change, this.directory.operatorKeys(change.role));
    if ('channel' in change) return decideChannel(change, this.directory.channel(change.channel));
    return decideBot(change, this.directory.bot(change.bot));
  }

  #newEvents(events: readonly DomainEvent<string, unknown>[], actor: Actor): NewEvent[] {
    const circumstances = { actor, correlationId: randomUUID(), node: this.settings.node };
    return events.map((event) => newEvent(event, circumstances));
  }
}

const NOWHERE = -1;

const asNumber = (revision: number | 'no_stream'): number => (revision === 'no_stream' ? NOWHERE : revision);

const streamOf = (change: DirectoryChange): string => {
  if (change.type === 'SetEventAside') return DECISIONS_STREAM;
  if ('role' in change) return keysStream(change.role);
  if ('channel' in change) return channelStream(change.channel);
  return botStream(change.bot);
};

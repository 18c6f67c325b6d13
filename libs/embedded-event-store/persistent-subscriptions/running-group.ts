import type { GrpcCall } from '../grpc/grpc-call.js';
import type { UuidForm } from '../protocol/read-responses.js';
import { uuidText } from '../rules/uuid.js';
import type { EventLog } from '../storage/event-log.js';
import type { LiveFeed } from '../storage/live-feed.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { LogWriter } from '../storage/log-writer.js';
import { ID_AT } from '../record/record.js';
import { groupDropped } from './errors.js';
import { eventFrame } from './event-frame.js';
import { GroupCheckpoint } from './group-checkpoint.js';
import { groupSource, type GroupSource } from './group-source.js';
import { ALL, groupKey } from './group-streams.js';
import { ParkedMessages } from './parked-messages.js';
import { resolve, type ResolvedEvent } from './resolved-event.js';
import { FROM_END, type GroupSettings, type GroupTarget } from './rules/group-settings.js';
import type { Effect, IncomingEvent } from './rules/message.js';
import { SubscriptionGroup, type NackAction } from './rules/subscription-group.js';

export interface Store {
  readonly log: EventLog;
  readonly feed: LiveFeed;
  readonly writer: LogWriter;
}

/** A consumer's call, and how it is reported. */
export interface Connection {
  readonly call: GrpcCall;
  readonly uuids: UuidForm;
  readonly name: string;
  readonly user: string;
}

const PARK_ATTEMPTS = 5;

/** Runs a group: gives events from the log to the rules and carries out their actions. */
export class RunningGroup {
  readonly key: string;
  readonly parked: ParkedMessages;
  readonly rules: SubscriptionGroup<ResolvedEvent>;
  readonly connections = new Map<string, Connection>();
  readonly startedAt = Date.now();
  /** Position of the newest event read for the group. */
  lastKnown: number | undefined;
  lastCheckpoint: number | undefined;
  atEnd = false;
  private readonly checkpoint: GroupCheckpoint;
  private readonly source: GroupSource;
  private readonly stopped = new AbortController();
  private wake: (() => void) | undefined;
  private replaying = false;

  constructor(
    private readonly store: Store,
    readonly target: GroupTarget,
    readonly settings: GroupSettings,
  ) {
    const { log, feed, writer } = store;
    this.key = groupKey(target);
    this.checkpoint = new GroupCheckpoint(log, writer, target, this.key);
    this.parked = new ParkedMessages(log, writer, this.key);
    this.lastCheckpoint = this.checkpoint.read();
    this.rules = new SubscriptionGroup(settings, this.lastCheckpoint);
    this.source = groupSource(log, feed, target, this.firstWanted());
    void this.follow();
  }

  connect(id: string, size: number, connection: Connection): void {
    this.connections.set(id, connection);
    this.perform(this.rules.connect(id, size, Date.now()));
  }

  disconnect(id: string): void {
    if (this.connections.delete(id)) this.perform(this.rules.disconnect(id, Date.now()));
  }

  ack(ids: readonly string[]): void {
    this.perform(this.rules.ack(ids, Date.now()));
  }

  nack(ids: readonly string[], action: NackAction, reason: string): void {
    this.perform(this.rules.nack(ids, action, reason, Date.now()));
  }

  tick(): void {
    this.perform(this.rules.tick(Date.now()));
  }

  /** Sends parked messages again: those before revision `stopAt` of their stream, or all. */
  async replayParked(stopAt: number | undefined): Promise<void> {
    if (this.replaying) return;
    this.replaying = true;
    try {
      const { found, end } = this.parked.read(stopAt);
      if (end === 0) return;
      const events = found.map((resolved) => this.incoming(resolved, resolved.link));
      this.perform(this.rules.replay(events, Date.now()));
      await this.parked.truncate(end);
    } finally {
      this.replaying = false;
    }
  }

  /** Ends all calls of consumers with the error for a dropped group, and stops reading. */
  stopGroup(): void {
    this.stopped.abort();
    this.wake?.();
    for (const { call } of this.connections.values())
      call.fail(groupDropped(this.target.stream ?? ALL, this.target.group));
    this.connections.clear();
  }

  /** Resolves when no checkpoint is being written any more. */
  settled(): Promise<void> {
    return this.checkpoint.settled();
  }

  private firstWanted(): number {
    const { log, feed } = this.store;
    const { stream } = this.target;
    const { startFrom } = this.settings;
    if (this.lastCheckpoint !== undefined)
      return stream === undefined ? log.positionAfter(this.lastCheckpoint) : this.lastCheckpoint + 1;
    if (startFrom !== FROM_END) return startFrom;
    return stream === undefined ? feed.head : (log.streamState(stream)?.lastRevision ?? -1) + 1;
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      if (!this.rules.canAccept(this.settings.readBatchSize)) {
        await new Promise<void>((woken) => (this.wake = woken));
        continue;
      }
      try {
        this.readPage();
      } catch {
        this.atEnd = true; // the log can't be read now; the next event or the next second wakes this loop
      }
      if (this.atEnd) await this.store.feed.whenChanged(signal);
      else await new Promise(setImmediate);
    }
  }

  private readPage(): void {
    const { entries, passed, atEnd } = this.source.next(this.settings.readBatchSize);
    this.atEnd = atEnd;
    const events = entries.map((entry) => {
      const { log } = this.store;
      return this.incoming(this.settings.resolveLinks ? resolve(log, entry) : unresolved(entry), entry);
    });
    this.lastKnown = passed?.position ?? events.at(-1)?.position ?? this.lastKnown;
    if (events.length > 0) this.perform(this.rules.takeEvents(events, Date.now()));
    if (passed) this.perform(this.rules.pass(passed.position, passed.count, Date.now()));
  }

  private incoming(resolved: ResolvedEvent, entry: LogEntry): IncomingEvent<ResolvedEvent> {
    return {
      id: uuidText(entry.record, ID_AT),
      event: resolved,
      position: this.target.stream === undefined ? entry.position : entry.revision,
      pin: (resolved.event ?? entry).stream,
    };
  }

  private perform(effects: readonly Effect<ResolvedEvent>[]): void {
    for (const effect of effects) {
      if (effect.kind === 'push') this.push(effect);
      else if (effect.kind === 'park') void this.park(effect);
      else if (!this.stopped.signal.aborted) {
        this.lastCheckpoint = effect.position;
        this.checkpoint.write(effect.position);
      }
    }
    this.wake?.();
  }

  /** Sends a message. The consumer has room for it, so there is no need to wait. */
  private push({ consumer, message }: Effect<ResolvedEvent> & { kind: 'push' }): void {
    const connection = this.connections.get(consumer);
    if (!connection) return;
    void connection.call.send(eventFrame(message.event, message.retries, connection.uuids));
  }

  private async park({ message, reason }: Effect<ResolvedEvent> & { kind: 'park' }): Promise<void> {
    for (let attempt = 1; attempt <= PARK_ATTEMPTS; attempt += 1) {
      try {
        await this.parked.parkMessage(message.event, reason);
        this.perform(this.rules.parked(message.id, Date.now()));
        return;
      } catch {
        if (this.stopped.signal.aborted) return;
      }
    }
    this.perform(this.rules.notParked(message.id, Date.now()));
  }
}

const unresolved = (entry: LogEntry): ResolvedEvent => ({ event: entry, link: undefined });

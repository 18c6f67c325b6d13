import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCESS_STREAM } from '#libs/domain/stream-names.js';
import type { AccessRecorded } from '#libs/domain/audit/access-recorded.events.js';
import { Backoff } from '#libs/event-store/backoff.js';
import { encodeEvent } from '#libs/event-store/codec/encoded-event.js';
import { CURRENT_SCHEMA } from '#libs/event-store/codec/event-types.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { pause } from '#libs/event-store/pause.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { RequestError } from '#libs/protocol/errors.js';

export type Access = AccessRecorded['data'];

const TRAIL = new Boundary('access-trail');

/** What waits while the store is away; beyond it nothing more is shown. */
const MAX_WAITING = 1_000;
/** Bytes of one append, well under the store's limit of 1 MiB. */
const MAX_BATCH_BYTES = 512 * 1024;
/** Milliseconds an answer is held up for the store at most. */
const WAIT_MS = 1_000;
/** Milliseconds the store gets to take what waits when the process stops. */
const LAST_CHANCE_MS = 2_000;
const RETRY_AFTER_MS = 2_000;

type Entry = { access: Access; event: NewEvent; told: boolean; settle(): void };

/**
 * Writes down who looked at what, in batches: what comes while one is being written is the next. An answer waits until
 * its record is on disk, or, where the store does not take it soon, until it is in the process's log; then the record
 * follows as soon as the store is back. So no record is lost without a trace, whatever dies.
 */
export class AccessTrail {
  private waiting: Entry[] = [];
  private readonly stopping = new AbortController();
  private writing: Promise<void> | undefined;
  private away = false;

  constructor(
    private readonly store: Pick<EventStore, 'append'>,
    private readonly node: string,
    private readonly logger: Logger,
    private readonly waitMs = WAIT_MS,
  ) {}

  /**
   * Resolves when the answer may go out.
   * @throws RequestError `store_unavailable` when too many records wait for the store already
   */
  async record(access: Access): Promise<void> {
    if (this.waiting.length >= MAX_WAITING) {
      throw new RequestError(
        'store_unavailable',
        'What is read can’t be recorded, try again',
        RETRY_AFTER_MS,
      );
    }
    await new Promise<void>((resolve) => {
      const entry: Entry = {
        access,
        event: this.eventOf(access),
        told: false,
        settle: () => {
          clearTimeout(late);
          resolve();
        },
      };
      const late = setTimeout(
        TRAIL.guard(
          () => this.tell(entry),
          () => entry.settle(),
        ),
        this.waitMs,
      );
      this.waiting.push(entry);
      if (this.away || this.stopping.signal.aborted) this.tell(entry);
      this.writing ??= this.write().finally(() => (this.writing = undefined));
      TRAIL.run(() => this.writing);
    });
  }

  /** Tries once more to write what waits. What the store does not take is in the process's log. */
  async stop(): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.writing, sleep(LAST_CHANCE_MS, undefined, { signal: over.signal })]).catch(
      () => undefined,
    );
    over.abort();
    this.stopping.abort();
    for (const entry of this.waiting) this.tell(entry);
  }

  private async write(): Promise<void> {
    const backoff = new Backoff();
    while (this.waiting.length > 0 && !this.stopping.signal.aborted) {
      const batch = this.nextBatch();
      try {
        // The same event ids each time: the store drops what an attempt of unknown outcome has written.
        await this.store.append(
          ACCESS_STREAM,
          batch.map(({ event }) => event),
          'any',
        );
      } catch (err) {
        if (!this.away)
          this.logger.error({ component: 'access-trail', err }, 'Reads can’t be recorded for now');
        this.away = true;
        for (const entry of this.waiting) this.tell(entry);
        await pause(backoff.next(), this.stopping.signal);
        continue;
      }
      this.away = false;
      backoff.reset();
      this.waiting = this.waiting.slice(batch.length);
      for (const entry of batch) entry.settle();
    }
  }

  private nextBatch(): Entry[] {
    let bytes = 0;
    const end = this.waiting.findIndex(({ event }, index) => {
      bytes += encodeEvent(event).size;
      return index > 0 && bytes > MAX_BATCH_BYTES;
    });
    return end === -1 ? [...this.waiting] : this.waiting.slice(0, end);
  }

  /** The process's log is written at once, line by line: it keeps what the store has not taken yet. */
  private tell(entry: Entry): void {
    if (!entry.told)
      this.logger.warn({ component: 'access-trail', access: entry.access }, 'Read, not recorded yet');
    entry.told = true;
    entry.settle();
  }

  private eventOf(access: Access): NewEvent {
    const metadata = {
      actor: { kind: access.role, keyId: access.keyId },
      $correlationId: access.access,
      $causationId: access.access,
      schema: CURRENT_SCHEMA,
      node: this.node,
    } as const;
    return { eventId: randomUUID(), type: 'AccessRecorded', data: access, metadata };
  }
}

import { ACCESS_STREAM } from '#libs/domain/stream-names.js';
import type { AccessRecorded } from '#libs/domain/audit/access-recorded.events.js';
import { Backoff } from '#libs/time/backoff.js';
import { encodeEvent } from '#libs/event-store/codec/encoded-event.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { endsWithin } from '#libs/time/deadline.js';
import { sleep } from '#libs/time/sleep.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { RequestError } from '#libs/protocol/errors.js';

export type Access = AccessRecorded['data'];

const TRAIL = new Boundary('access-trail');

/** How many records may wait for the store. Beyond that, reads are refused. */
const MAX_WAITING = 1_000;
/** Largest size of one append in bytes, well below the store's limit of 1 MiB. */
const MAX_BATCH_BYTES = 512 * 1024;
/** Milliseconds that an answer waits for the store at most. */
const WAIT_MS = 1_000;
/** Milliseconds that the store has to accept the waiting records when the process stops. */
const LAST_CHANCE_MS = 2_000;
const RETRY_AFTER_MS = 2_000;

type Entry = { access: Access; event: NewEvent; told: boolean; settle(): void };

/**
 * Records who looked at what, in batches: records that arrive while a batch is being written form the next
 * one. An answer waits until its record is on disk or, if the store does not accept the record soon, until it
 * is in the process's log. Such a record is stored as soon as the store is back. No record is lost without a
 * trace, whatever crashes.
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
   * Resolves when the answer may be sent.
   *
   * @throws RequestError `store_unavailable` when too many records are already waiting for the store
   */
  async record(access: Access): Promise<void> {
    if (this.waiting.length >= MAX_WAITING) {
      throw new RequestError('store_unavailable', 'The read can’t be recorded; try again', RETRY_AFTER_MS);
    }
    await new Promise<void>((resolve) => {
      const entry: Entry = {
        access,
        event: this.eventOf(access),
        told: false,
        settle: () => {
          cancel();
          resolve();
        },
      };
      const late = TRAIL.guard(
        () => this.logUnstored(entry),
        () => entry.settle(),
      );
      const cancel = SYSTEM_CLOCK.after(this.waitMs, late);
      this.waiting.push(entry);
      if (this.away || this.stopping.signal.aborted) this.logUnstored(entry);
      this.writing ??= this.write().finally(() => (this.writing = undefined));
      TRAIL.run(() => this.writing);
    });
  }

  /**
   * Gives the store a last chance to accept the waiting records. Those it does not accept stay in the
   * process's log.
   */
  async stopTrail(): Promise<void> {
    await endsWithin(LAST_CHANCE_MS, Promise.resolve(this.writing)).catch(() => undefined);
    this.stopping.abort();
    for (const entry of this.waiting) this.logUnstored(entry);
  }

  private async write(): Promise<void> {
    const backoff = new Backoff();
    while (this.waiting.length > 0 && !this.stopping.signal.aborted) {
      const batch = this.nextBatch();
      try {
        // Every attempt uses the same event ids. The store therefore drops what an earlier attempt of unknown
        // outcome has already written.
        await this.store.append(
          ACCESS_STREAM,
          batch.map(({ event }) => event),
          'any',
        );
      } catch (err) {
        if (!this.away)
          this.logger.error({ component: 'access-trail', err }, 'Reads can’t be recorded for now');
        this.away = true;
        for (const entry of this.waiting) this.logUnstored(entry);
        await sleep(backoff.next(), this.stopping.signal);
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

  /**
   * Writes the record to the process's log and releases its answer. That log is written at once, line by
   * line, so it keeps records that the store does not have yet.
   */
  private logUnstored(entry: Entry): void {
    if (!entry.told)
      this.logger.warn({ component: 'access-trail', access: entry.access }, 'Read, not recorded yet');
    entry.told = true;
    entry.settle();
  }

  private eventOf(access: Access): NewEvent {
    const actor = { kind: access.role, keyId: access.keyId };
    const correlationId = access.access;
    return newEvent({ type: 'AccessRecorded', data: access }, { actor, correlationId, node: this.node });
  }
}

import { Injectable } from '@nestjs/common';
import { Backoff } from '#libs/time/backoff.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { sleep } from '#libs/time/sleep.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import { findPosition } from '../milestones/find-position.js';
import { matching } from './event-filter.js';
import { followingSpanOf, spanOf, type Entry, type ReplaySpan } from './replay-span.js';
import type { Place, Replay } from './replay.request.js';

type Batches = AsyncGenerator<readonly StoredEvent[]>;

/** Reads the log for auditors, from the event store only and never from a read model. */
@Injectable()
export class Replayer {
  constructor(private readonly store: EventStore) {}

  /**
   * Yields the wanted events in batches. An empty batch means that there is nothing more for now. Memory does
   * not depend on the number of events. A following replay survives an outage of the store and continues
   * where it was; the signal ends it.
   *
   * @throws StoreUnavailable | UnknownPosition | StoreFault
   */
  async *replay(replay: Replay, signal: AbortSignal): Batches {
    const wanted = matching(replay.filter);
    let left = replay.limit;
    for await (const { events, isLast } of this.#within(replay, signal)) {
      const fitting = events.filter(wanted).slice(0, left);
      left -= fitting.length;
      yield fitting;
      if (isLast || left <= 0) return;
    }
  }

  /** Yields all events of the span, wanted or not. */
  async *#within(
    replay: Replay,
    signal: AbortSignal,
  ): AsyncGenerator<{ events: readonly StoredEvent[]; isLast: boolean }> {
    const { span, batches } = await this.#open(replay, signal);
    for await (const batch of batches) {
      const beyond = batch.findIndex(span.isBeyond);
      const inside = beyond === -1 ? batch : batch.slice(0, beyond);
      yield { events: inside.filter((event) => !span.isBefore(event)), isLast: beyond !== -1 };
    }
  }

  async #open(replay: Replay, signal: AbortSignal): Promise<{ span: ReplaySpan; batches: Batches }> {
    const forwards = replay.direction === 'forwards';
    const entry = await (forwards ? this.#locate(replay.from, 'start') : this.#locate(replay.to, 'end'));
    if (!replay.follow) {
      const span = spanOf(replay, entry);
      return { span, batches: this.store.readStored(span.read, signal) };
    }
    if (replay.after) await this.#requireEventAt(replay.after);
    const span = followingSpanOf(replay, entry, await this.#predecessor(entry));
    return { span, batches: this.#follow(span, signal) };
  }

  /** Returns where the replay enters the log, or undefined for a time that has not come yet. */
  async #locate(place: Place | undefined, otherwise: 'start' | 'end'): Promise<Entry> {
    if (!place) return otherwise;
    return 'position' in place ? place.position : findPosition(this.store, place.ticks);
  }

  async #predecessor(entry: Entry): Promise<LogPosition | 'start' | 'end'> {
    if (typeof entry !== 'object') return entry ?? 'end';
    for await (const [event] of this.store.readStored({
      direction: 'backwards',
      from: entry,
      follow: false,
      limit: 1,
    })) {
      if (event) return event.position;
    }
    return 'start';
  }

  /**
   * Checks that there is an event at a position, because the store confirms a subscription before it looks at
   * its position.
   *
   * @throws UnknownPosition
   */
  async #requireEventAt(position: LogPosition): Promise<void> {
    const read = { direction: 'forwards', from: position, follow: false, limit: 1 } as const;
    for await (const batch of this.store.readStored(read)) if (batch.length > 0) return;
  }

  async *#follow(span: ReplaySpan, signal: AbortSignal): Batches {
    const backoff = new Backoff();
    let { from } = span.read;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        for await (const batch of this.store.readStored({ ...span.read, from }, signal)) {
          from = batch.at(-1)?.position ?? from;
          backoff.reset();
          yield batch;
        }
      } catch (error) {
        // If nothing was sent yet, the error can still be sent as an answer.
        if (isFirst && from === span.read.from) throw error;
        if (!(error instanceof StoreUnavailable)) throw error;
      }
      await sleep(backoff.next(), signal);
    }
  }
}

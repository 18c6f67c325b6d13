import { Injectable } from '@nestjs/common';
import { Directory } from '#libs/directory/directory.js';
import { parseStreamName } from '#libs/domain/stream-names.js';
import { StreamGone } from '#libs/event-store/event-store.errors.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { formatPosition } from '#libs/event-store/position.js';
import type { SetAsideEvent } from '#libs/event-store/unreadable/set-aside-events.js';
import type { UnreadableEvent } from '#libs/event-store/unreadable/unreadable-events.js';
import { RequestError } from '#libs/protocol/errors.js';

/** An event that cannot be decoded, and the decision about it. It contains nothing of the event's content. */
export type DamagedItem = Readonly<{
  stream: string;
  revision: number;
  status: 'damaged' | 'set_aside';
  /** This field and the next two are set only if this process has met the event since its start. */
  type?: string;
  why?: string;
  position?: string;
  reason?: string;
  /** The key id of the admin. */
  setAsideBy?: string;
  setAsideAt?: string;
}>;

/** The largest number of events in one answer. */
export const MAX_DAMAGED = 1_000;

/**
 * Knows the events that cannot be decoded: those that this process has met since its start, and all that were ever set
 * aside.
 */
@Injectable()
export class DamagedEvents {
  constructor(
    private readonly store: EventStore,
    private readonly directory: Directory,
  ) {}

  /** Returns the events that wait for a decision first, then those that were set aside, the latest decision first. */
  list(): DamagedItem[] {
    const { setAside, unreadable } = this.store;
    const decided = [...setAside].toSorted((one, other) => (one.at < other.at ? 1 : -1));
    return [
      ...unreadable.undecidedEvents.map((event) => itemOf(event, event)),
      ...decided.map((event) => this.decided(event)),
    ].slice(0, MAX_DAMAGED);
  }

  /** Returns the decision about an event, or undefined if there is none. */
  find(stream: string, revision: number): DamagedItem | undefined {
    const event = this.store.setAside.find(stream, revision);
    return event && this.decided(event);
  }

  /**
   * Checks that an event may be set aside: it cannot be decoded, or it is missing from a stream of which the directory
   * needs every event.
   *
   * @throws RequestError `not_found` or `not_damaged`
   * @throws StoreUnavailable
   */
  async requireDamaged(stream: string, revision: number): Promise<void> {
    if (this.directory.isDamaged(stream, revision)) return;
    if (!parseStreamName(stream))
      throw new RequestError('not_damaged', 'Verbatim does not use that stream, so nothing waits for it');
    for await (const event of this.eventsFrom(stream, revision)) {
      if (event.revision !== revision) break;
      if (event.unreadable !== undefined) return;
      throw new RequestError('not_damaged', `Event ${revision} of that stream can be read`);
    }
    throw new RequestError('not_found', `There is no event ${revision} in that stream`);
  }

  private async *eventsFrom(stream: string, revision: number): ReturnType<EventStore['readStream']> {
    try {
      yield* this.store.readStream(stream, { from: revision, limit: 1 });
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error;
    }
  }

  private decided(event: SetAsideEvent): DamagedItem {
    const { stream, revision } = event;
    const met = this.store.unreadable.all.find((one) => one.stream === stream && one.revision === revision);
    return itemOf(event, met, event);
  }
}

const itemOf = (
  { stream, revision }: Readonly<{ stream: string; revision: number }>,
  met: UnreadableEvent | undefined,
  decided?: SetAsideEvent,
): DamagedItem => ({
  stream,
  revision,
  status: decided ? 'set_aside' : 'damaged',
  ...(met && { type: met.type, why: met.why }),
  ...(met?.position && { position: formatPosition(met.position) }),
  ...(decided && { reason: decided.reason, setAsideBy: decided.keyId, setAsideAt: decided.at }),
});

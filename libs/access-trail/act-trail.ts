import type { AdminActed } from '#libs/domain/audit/admin-acted.events.js';
import { ACTS_STREAM } from '#libs/domain/stream-names.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';
import type { EventStore } from '#libs/event-store/event-store.js';

export type Act = AdminActed['data'];

/** Records what an admin is about to do. Without the record, the act must not be carried out. */
export class ActTrail {
  constructor(
    private readonly store: Pick<EventStore, 'append'>,
    private readonly node: string,
  ) {}

  /**
   * Resolves when the record is on disk.
   *
   * @throws StoreUnavailable when it is unknown whether the record was written. The act must not be carried
   * out then.
   */
  async record(act: Act): Promise<void> {
    const actor = { kind: 'admin', keyId: act.keyId } as const;
    const event = newEvent({ type: 'AdminActed', data: act }, { actor, node: this.node });
    await this.store.append(ACTS_STREAM, [event], 'any');
  }
}

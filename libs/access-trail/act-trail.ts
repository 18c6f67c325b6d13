import { randomUUID } from 'node:crypto';
import type { AdminActed } from '#libs/domain/audit/admin-acted.events.js';
import { ACTS_STREAM } from '#libs/domain/stream-names.js';
import { CURRENT_SCHEMA } from '#libs/event-store/codec/event-types.js';
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
    const id = randomUUID();
    const metadata = {
      actor: { kind: 'admin', keyId: act.keyId },
      $correlationId: id,
      $causationId: id,
      schema: CURRENT_SCHEMA,
      node: this.node,
    } as const;
    await this.store.append(ACTS_STREAM, [{ eventId: id, type: 'AdminActed', data: act, metadata }], 'any');
  }
}

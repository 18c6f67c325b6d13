import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A row of the active generation of presence: whether a bot is connected, and since when. It is a view, written by its
 * projection.
 */
@Entity({ name: 'presence', synchronize: false })
export class PresenceRow {
  @PrimaryColumn({ type: 'text' })
  bot: string;

  @Column({ type: 'text' })
  state: 'online' | 'offline';

  /** When the bot last came or went. */
  @Column({ type: 'timestamptz' })
  since: Date;

  /** Why the bot went, while it is offline: a code of the protocol. */
  @Column({ type: 'text', nullable: true })
  reason: string | null;
}

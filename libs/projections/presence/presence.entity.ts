import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The active generation of presence: who is connected, and since when or until when. A view, written by its projection. */
@Entity({ name: 'presence', synchronize: false })
export class PresenceRow {
  @PrimaryColumn({ type: 'text' })
  bot: string;

  @Column({ type: 'text' })
  state: 'online' | 'offline';

  /** When it last came or went. */
  @Column({ type: 'timestamptz' })
  since: Date;

  /** Why it went, while it is offline: a code of the protocol. */
  @Column({ type: 'text', nullable: true })
  reason: string | null;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asBigInt } from '../postgres/column-transformers.js';

/** The active generation of bots. A view, written by its projection. */
@Entity({ name: 'bots', synchronize: false })
export class BotRow {
  @PrimaryColumn({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  status: 'active' | 'suspended';

  @Column({ name: 'registered_at', type: 'timestamptz' })
  registeredAt: Date;

  @Column({ name: 'suspended_at', type: 'timestamptz', nullable: true })
  suspendedAt: Date | null;

  @Column({ type: 'text', nullable: true })
  reason: string | null;

  /** See `exactText`. */
  @Column({ type: 'text', nullable: true })
  exact: string | null;

  /** Commit position of the event that registered it. */
  @Column({ type: 'bigint', transformer: asBigInt })
  position: bigint;
}

/** Which keys a bot has or had; neither the key nor its hash is here. */
@Entity({ name: 'bot_keys', synchronize: false })
export class BotKeyRow {
  @PrimaryColumn({ type: 'text' })
  bot: string;

  @PrimaryColumn({ name: 'key_id', type: 'text' })
  keyId: string;

  @Column({ name: 'issued_at', type: 'timestamptz' })
  issuedAt: Date;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt: Date | null;
}

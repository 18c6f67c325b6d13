import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asBigInt } from './column-transformers.js';

/** A row of the active generation of bots. It is a view, written by its projection. */
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

  /** Texts that PostgreSQL can't hold, see `exactText`. */
  @Column({ type: 'text', nullable: true })
  exact: string | null;

  /** Commit position of the event that registered the bot. */
  @Column({ type: 'bigint', transformer: asBigInt })
  position: bigint;
}

/** A key that a bot has or had, without the key itself and its hash. */
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

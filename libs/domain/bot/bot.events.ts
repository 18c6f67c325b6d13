import type { DomainEvent } from '../event.js';

/** The events of a `bot-<name>` stream. */
export type BotRegistered = DomainEvent<'BotRegistered', { bot: string }>;
export type KeyIssued = DomainEvent<
  'KeyIssued',
  { bot: string; keyId: string; hash: string; expiresAt?: string }
>;
export type KeyRevoked = DomainEvent<'KeyRevoked', { bot: string; keyId: string }>;
export type BotSuspended = DomainEvent<'BotSuspended', { bot: string; reason?: string }>;
export type BotReinstated = DomainEvent<'BotReinstated', { bot: string }>;

export type BotEvent = BotRegistered | KeyIssued | KeyRevoked | BotSuspended | BotReinstated;

export const BOT_EVENT_TYPES = [
  'BotRegistered',
  'KeyIssued',
  'KeyRevoked',
  'BotSuspended',
  'BotReinstated',
] as const satisfies readonly BotEvent['type'][];

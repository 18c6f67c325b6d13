import type { OperatorRole } from './access/access.events.js';

/**
 * The families of streams. A stream's name is always `<family>-<id>`, so that a prefix filter can follow a
 * whole family.
 */
export const STREAM_FAMILIES = [
  'messages',
  'channel',
  'bot',
  'keys',
  'cursor',
  'presence',
  'gateways',
  'decisions',
] as const;
export type StreamFamily = (typeof STREAM_FAMILIES)[number];

export const messagesStream = (channel: string): string => `messages-${channel}`;
export const channelStream = (channel: string): string => `channel-${channel}`;
export const botStream = (bot: string): string => `bot-${bot}`;
export const keysStream = (role: OperatorRole): string => `keys-${role}`;
export const cursorStream = (bot: string, consumer: string): string => `cursor-${bot}.${consumer}`;

/** The stream of admins' decisions about events that cannot be decoded. */
export const DECISIONS_STREAM = 'decisions-events';
/** The stream of what admins and auditors looked at. */
export const ACCESS_STREAM = 'audit-access';
/** The stream of admins' acts that no other stream records. */
export const ACTS_STREAM = 'audit-acts';
/** The stream that links times to positions, so that a position can be found for a time. */
export const MILESTONES_STREAM = 'audit-milestones';
/** The stream of the signed checkpoints of the audit log. */
export const CHECKPOINTS_STREAM = 'audit-checkpoints';
export const presenceStream = (bot: string): string => `presence-${bot}`;
/** The stream of the gateways' heartbeats. */
export const GATEWAYS_STREAM = 'gateways-heartbeats';

/** Splits a stream name at its first dash. Returns undefined for streams that are not ours. */
export const parseStreamName = (stream: string): { family: StreamFamily; id: string } | undefined => {
  const dash = stream.indexOf('-');
  const family = STREAM_FAMILIES.find((name) => name === stream.slice(0, dash));
  return family && { family, id: stream.slice(dash + 1) };
};

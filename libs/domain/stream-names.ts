import type { OperatorRole } from './access/access.events.js';

/** Streams by family. A name is always `<family>-<id>`, so a family can be followed by a prefix filter. */
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

/** What admins decided about events that nobody understands. */
export const DECISIONS_STREAM = 'decisions-events';
/** What admins and auditors looked at. */
export const ACCESS_STREAM = 'audit-access';
/** What admins did that no other stream tells of. */
export const ACTS_STREAM = 'audit-acts';
/** Times with their places in the log, for finding one by the other. */
export const MILESTONES_STREAM = 'audit-milestones';
export const presenceStream = (bot: string): string => `presence-${bot}`;
/** Where gateways say that they live. */
export const GATEWAYS_STREAM = 'gateways-heartbeats';

/** Splits a stream name at its first dash; undefined for streams that are not ours. */
export const parseStreamName = (stream: string): { family: StreamFamily; id: string } | undefined => {
  const dash = stream.indexOf('-');
  const family = STREAM_FAMILIES.find((name) => name === stream.slice(0, dash));
  return family && { family, id: stream.slice(dash + 1) };
};

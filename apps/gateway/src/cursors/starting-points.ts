import type { Handshake } from '#libs/protocol/requests/handshake.js';
import { RequestError } from '#libs/protocol/errors.js';

/** What is known of one channel when a bot connects. */
export type ChannelAtConnect = Readonly<{
  channel: string;
  head: number;
  /** The consumer's stored cursor, if it has one. */
  stored: number | undefined;
  /** The seq after which the bot's membership began. */
  memberSince: number;
}>;

/**
 * The seq after which delivery starts in a channel: what the bot says, else its stored cursor, else the moment it
 * became a member.
 *
 * @throws RequestError `unknown_position` for a seq past the head: the bot has seen a newer copy of this channel
 */
export const startingPoint = (resume: Handshake['resume'], at: ChannelAtConnect): number => {
  if (resume === 'now') return at.head;
  return requireWithin(saidFor(at.channel, resume) ?? at.stored ?? at.memberSince, at);
};

/** The last seq that the bot says it has seen in a channel, if it says one. */
export const saidFor = (channel: string, resume: Handshake['resume']): number | undefined =>
  typeof resume === 'object' && Object.hasOwn(resume, channel) ? resume[channel] : undefined;

/** @throws RequestError `unknown_position` */
export const requireWithin = (seq: number, { channel, head }: { channel: string; head: number }): number => {
  if (seq <= head) return seq;
  throw new RequestError(
    'unknown_position',
    `Channel "${channel}" ends at seq ${head}; seq ${seq} was never given out by this log`,
  );
};

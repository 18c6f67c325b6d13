import type { Handshake } from '#libs/protocol/requests/handshake.js';
import { RequestError } from '#libs/protocol/errors.js';

/** The state of one channel at the moment a bot connects. */
export type ChannelAtConnect = Readonly<{
  channel: string;
  head: number;
  /** The consumer's stored cursor, if it has one. */
  stored: number | undefined;
  /** The seq after which the bot's membership began. */
  memberSince: number;
}>;

/**
 * Returns the seq after which delivery starts in a channel: the one that the bot names, else its stored cursor, else
 * the point where it became a member.
 *
 * @throws RequestError `unknown_position` for a seq past the head, because the bot has then seen a newer copy of this
 * channel
 */
export const startingPoint = (resume: Handshake['resume'], at: ChannelAtConnect): number => {
  if (resume === 'now') return at.head;
  return requireWithin(saidFor(at.channel, resume) ?? at.stored ?? at.memberSince, at);
};

/** Returns the last seq that the bot says it has seen in a channel, or undefined if it names none. */
export const saidFor = (channel: string, resume: Handshake['resume']): number | undefined =>
  typeof resume === 'object' && Object.hasOwn(resume, channel) ? resume[channel] : undefined;

/**
 * Returns the seq if the channel has reached it.
 *
 * @throws RequestError `unknown_position` for a seq past the head
 */
export const requireWithin = (seq: number, { channel, head }: { channel: string; head: number }): number => {
  if (seq <= head) return seq;
  throw new RequestError(
    'unknown_position',
    `Channel "${channel}" ends at seq ${head}; seq ${seq} was never given out by this log`,
  );
};

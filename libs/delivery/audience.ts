import type { Place } from './place.js';

/** A range of messages that retention has removed before this process read them. */
export type Gap = Readonly<{ channel: string; from: number; to: number }>;

/**
 * Receives the new messages of the channels, in order, for the connections that are live in them. Neither method may
 * throw.
 */
export interface Audience {
  takePlace(place: Place): void;
  /** Called before the messages after the gap. */
  takeGap(gap: Gap): void;
}

import { acceptedKey } from './accepted-window.js';
import { isMessage } from './place.js';
import type { Place } from './place.js';

/** One redacted message: who posted it, where, under which id. */
export type Redaction = readonly [channel: string, bot: string, id: string];

/**
 * Which messages were redacted, over all channels. Whatever replays messages asks here, for the messages themselves lie
 * in the log as they were posted.
 */
export class Redactions {
  private readonly channels = new Map<string, Map<string, Redaction>>();

  /** False if it was known. */
  add(channel: string, bot: string, id: string): boolean {
    const known = this.channels.get(channel) ?? new Map<string, Redaction>();
    const key = acceptedKey(bot, id);
    if (known.has(key)) return false;
    this.channels.set(channel, known.set(key, [channel, bot, id]));
    return true;
  }

  has(channel: string, bot: string, id: string): boolean {
    return this.channels.get(channel)?.has(acceptedKey(bot, id)) ?? false;
  }

  /**
   * The message as it may be shown now. One that was redacted, and every edit of it, keeps its place in the channel and
   * loses its content.
   */
  conceal<Shown extends Place>(message: Shown): Shown;
  conceal(message: Place): Place {
    if (!isMessage(message)) return message;
    const { id, channel, seq, kind, bot, at, target } = message;
    if (kind === 'redacted' || !this.has(channel, bot, target ?? id)) return message;
    return { id, channel, seq, kind, bot, body: '', ...(target && { target }), at, redacted: true };
  }

  *[Symbol.iterator](): Generator<Redaction> {
    for (const known of this.channels.values()) yield* known.values();
  }
}

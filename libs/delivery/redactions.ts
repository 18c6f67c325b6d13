import { acceptedKey } from './accepted-window.js';
import { isMessage } from './place.js';
import type { Place } from './place.js';

/** One redacted message: its channel, its author and its id. */
export type Redaction = readonly [channel: string, bot: string, id: string];

/**
 * Knows which messages were redacted, over all channels. All code that shows messages again asks here, because the log
 * holds the messages as they were posted.
 */
export class Redactions {
  private readonly channels = new Map<string, Map<string, Redaction>>();

  /** Adds a redaction. Returns false if it was already known. */
  addRedaction(channel: string, bot: string, id: string): boolean {
    const known = this.channels.get(channel) ?? new Map<string, Redaction>();
    const key = acceptedKey(bot, id);
    if (known.has(key)) return false;
    this.channels.set(channel, known.set(key, [channel, bot, id]));
    return true;
  }

  /** Returns whether a bot's message was redacted. */
  has(channel: string, bot: string, id: string): boolean {
    return this.channels.get(channel)?.has(acceptedKey(bot, id)) ?? false;
  }

  /**
   * Returns the message as it may be shown now. A redacted message, and every edit of it, keeps its place in
   * the channel and loses its content.
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

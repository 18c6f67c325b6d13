/** The seq of the last message of each channel, or -1 for a channel without messages. */
export type Heads = ReadonlyMap<string, number>;

/** The number of messages (posts, edits, redactions) that became visible within `overMs` milliseconds. */
export type Rates = Readonly<{
  overMs: number;
  messages: number;
  /** Sorted by the number of messages, highest first. */
  channels: readonly Readonly<{ channel: string; messages: number }>[];
}>;

const BUSIEST = 50;

/**
 * Returns the channels whose head has changed, with the number of new messages; seqs are contiguous. A head
 * that went back (because a projection was reverted) counts as no new message.
 */
export const movedHeads = (before: Heads, now: Heads): Map<string, number> => {
  const moved = new Map<string, number>();
  for (const [channel, head] of now) {
    const last = before.get(channel) ?? -1;
    if (head !== last) moved.set(channel, Math.max(0, head - last));
  }
  return moved;
};

export const ratesOf = (moved: ReadonlyMap<string, number>, overMs: number): Rates => {
  const channels = [...moved]
    .map(([channel, messages]) => ({ channel, messages }))
    .filter(({ messages }) => messages > 0)
    .toSorted((a, b) => b.messages - a.messages || (a.channel < b.channel ? -1 : 1));
  return {
    overMs: Math.round(overMs),
    messages: channels.reduce((sum, { messages }) => sum + messages, 0),
    channels: channels.slice(0, BUSIEST),
  };
};

import type { Message } from '#libs/protocol/message.js';

/**
 * The place of an event that an admin has set aside: it has its seq, so that those before and behind it keep theirs, and
 * nobody is sent what it holds.
 */
export type SetAsidePlace = Readonly<{ kind: 'set_aside'; channel: string; seq: number; at: string }>;

/** What has a seq in a channel. */
export type Place = Message | SetAsidePlace;

/** Why bots are told that a seq will not come. */
export const SET_ASIDE = 'set_aside';

export const isMessage = (place: Place): place is Message => place.kind !== SET_ASIDE;

/** Seqs `from` to `to`, both included. */
export type Span = Readonly<{ from: number; to: number }>;

/** How many places at the start are set aside. */
export const setAsideAtStart = (places: readonly Place[]): number => {
  const first = places.findIndex(isMessage);
  return first === -1 ? places.length : first;
};

/** The messages at the start, up to the first place that is set aside. */
export const messagesAtStart = (places: readonly Place[]): readonly Message[] => {
  const end = places.findIndex((place) => !isMessage(place));
  return (end === -1 ? places : places.slice(0, end)) as readonly Message[];
};

/** The messages among places that follow each other, and the spans of the others. */
export const apart = (places: readonly Place[]): { messages: Message[]; skipped: Span[] } => {
  const messages: Message[] = [];
  const skipped: Span[] = [];
  for (const place of places) {
    const last = skipped.at(-1);
    if (isMessage(place)) messages.push(place);
    else if (last && last.to + 1 === place.seq) skipped[skipped.length - 1] = { ...last, to: place.seq };
    else skipped.push({ from: place.seq, to: place.seq });
  }
  return { messages, skipped };
};

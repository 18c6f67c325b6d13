import type { Message } from '#libs/protocol/message.js';

/**
 * The place of an event that an admin has set aside. It keeps its seq, so that the messages around it keep
 * theirs. Its content is sent to nobody.
 */
type SetAsidePlace = Readonly<{ kind: 'set_aside'; channel: string; seq: number; at: string }>;

/** Anything that has a seq in a channel. */
export type Place = Message | SetAsidePlace;

/** The reason that bots get for a seq that will not be delivered. */
export const SET_ASIDE = 'set_aside';

/** Returns whether a place holds a message and is not set aside. */
export const isMessage = (place: Place): place is Message => place.kind !== SET_ASIDE;

/** A range of seqs, both ends included. */
export type Span = Readonly<{ from: number; to: number }>;

/** Returns how many places at the start are set aside. */
export const setAsideAtStart = (places: readonly Place[]): number => {
  const first = places.findIndex(isMessage);
  return first === -1 ? places.length : first;
};

/** Returns the messages at the start, up to the first place that is set aside. */
export const messagesAtStart = (places: readonly Place[]): readonly Message[] => {
  const end = places.findIndex((place) => !isMessage(place));
  return (end === -1 ? places : places.slice(0, end)) as readonly Message[];
};

/** Splits contiguous places into the messages and the spans that are set aside. */
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

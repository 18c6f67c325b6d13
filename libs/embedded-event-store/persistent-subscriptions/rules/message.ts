/** An event on its way into a group. */
export interface IncomingEvent<E> {
  /** Of the event, or of the link that led to it: what consumers answer with. */
  readonly id: string;
  readonly event: E;
  /** Revision in the stream followed, or position in `$all`. */
  readonly position: number;
  /** Events of the same pin go to the same consumer if the strategy says so: the stream the event is of. */
  readonly pin: string;
}

/** An event as consumers get it. */
export interface Message<E> extends IncomingEvent<E> {
  /** How often it was sent before. */
  readonly retries: number;
  /** It comes from the parked messages and has no bearing on the checkpoint. */
  readonly replayed: boolean;
  /** Place among the messages of the group, from its first sending on. */
  readonly sequence: number | undefined;
  /** Position of the message before it, which is the checkpoint as long as this one is not done. */
  readonly previous: number | undefined;
}

export const newMessage = <E>(incoming: IncomingEvent<E>): Message<E> => ({
  ...incoming,
  retries: 0,
  replayed: false,
  sequence: undefined,
  previous: undefined,
});

/** What is to be done after something happened to a group. */
export type Effect<E> =
  | { readonly kind: 'push'; readonly consumer: string; readonly message: Message<E> }
  | { readonly kind: 'park'; readonly message: Message<E>; readonly reason: string }
  /** Everything up to this position is done with. */
  | { readonly kind: 'checkpoint'; readonly position: number };

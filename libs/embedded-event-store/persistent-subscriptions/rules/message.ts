/** An event on its way into a group. */
export interface IncomingEvent<E> {
  /** Id of the event, or of the link that led to it. Consumers answer with it. */
  readonly id: string;
  readonly event: E;
  /** Revision in the followed stream, or position in `$all`. */
  readonly position: number;
  /** The event's stream. Events with the same pin go to the same consumer if the strategy says so. */
  readonly pin: string;
}

/** An event as a consumer receives it. */
export interface Message<E> extends IncomingEvent<E> {
  /** Number of times that it was sent before. */
  readonly retries: number;
  /** Whether it comes from the parked messages, so that it does not affect the checkpoint. */
  readonly replayed: boolean;
  /** Number among the messages of the group, given when it is first sent. */
  readonly sequence: number | undefined;
  /** Position of the message before it, which is the checkpoint until this message is done. */
  readonly previous: number | undefined;
}

export const newMessage = <E>(incoming: IncomingEvent<E>): Message<E> => ({
  ...incoming,
  retries: 0,
  replayed: false,
  sequence: undefined,
  previous: undefined,
});

/** An action to carry out after something happened to a group. */
export type Effect<E> =
  | { readonly kind: 'push'; readonly consumer: string; readonly message: Message<E> }
  | { readonly kind: 'park'; readonly message: Message<E>; readonly reason: string }
  /** Everything up to this position is done. */
  | { readonly kind: 'checkpoint'; readonly position: number };

/** The part of an answer that is used here. `closed` is true once all of it is sent, or its connection is gone. */
export type Closing = Readonly<{ closed: boolean; once(event: 'close', call: () => void): unknown }>;

/**
 * Calls the function once an answer is closed, or at once when it already is. Without that check, a client that hung up
 * during an `await` would be waited for in vain.
 */
export const whenClosed = (answer: Closing, call: () => void): void => {
  if (answer.closed) call();
  else answer.once('close', call);
};

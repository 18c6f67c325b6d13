/** What is used of an answer: `closed` once all of it is out, or its connection is gone. */
export type Closing = Readonly<{ closed: boolean; once(event: 'close', call: () => void): unknown }>;

/**
 * Calls once an answer is closed, and at once where it is already: whoever hung up while something was awaited would
 * else be waited for in vain.
 */
export const whenClosed = (answer: Closing, call: () => void): void => {
  if (answer.closed) call();
  else answer.once('close', call);
};

/** The reason why a store can't be used, with a remedy and without secrets. */
export type Trouble = Readonly<{
  words: string;
  /**
   * For how many milliseconds to keep trying, because the trouble may pass. It is 0 for an answer that
   * waiting does not change.
   */
  patienceMs: number;
}>;

/** Milliseconds to wait for a store that may be starting at the same time as we do. */
export const PATIENCE_MS = 6000;

export const final = (words: string): Trouble => ({ words, patienceMs: 0 });
export const passing = (words: string): Trouble => ({ words, patienceMs: PATIENCE_MS });

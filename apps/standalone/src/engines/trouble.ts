/** Why a store can't be used: in words that say what to do, without secrets. */
export type Trouble = Readonly<{
  words: string;
  /** For how many milliseconds of trying it may be passing: 0 for an answer that waiting does not change. */
  patienceMs: number;
}>;

/** A store may be starting at the same time as we do. */
export const PATIENCE_MS = 6000;

export const final = (words: string): Trouble => ({ words, patienceMs: 0 });
export const passing = (words: string): Trouble => ({ words, patienceMs: PATIENCE_MS });

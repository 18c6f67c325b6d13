import type { EventPlace, Finding } from './finding.js';

/** How a verification may end. Nothing is `verified` unless a signed checkpoint was compared and nothing is wrong. */
export type VerificationResult = 'verified' | 'not_verified' | 'not_judged';

/** What a verification has found. Positions and counts are of the streams that are in the tree only. */
export type Verification = Readonly<{
  result: VerificationResult;
  /** Why nothing could be judged. */
  why?: string;
  /** The log's name and key; absent in a log without checkpoints. */
  origin?: string;
  key?: string;
  /** Whether the key was given. Else it is the one that the log itself names. */
  keyWasGiven: boolean;
  events: number;
  streams: number;
  messages: number;
  /** How many checkpoints agreed with the log: those in it, and those that were kept outside. */
  checkpoints: Readonly<{ logged: number; held: number }>;
  /** The number of events that a checkpoint proves. Those after them are only in order. */
  proven: number;
  /** The event that is wrong, or the first of those that may be. Absent when nothing is, or it would come after the last. */
  firstWrong?: EventPlace;
  /** How many events can't be read, and were set aside before a checkpoint covered them. */
  setAside: number;
  /** In the order of the log, at most {@link MAX_FINDINGS} of each kind. */
  findings: readonly Finding[];
  /** How many findings there are, also those that are not listed. */
  found: number;
}>;

export const MAX_FINDINGS = 50;

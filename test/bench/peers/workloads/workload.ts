import type { Generator } from '../generator/generator.js';
import type { RunningSystem, Guests, System } from '../systems/system.js';
import type { Verdict } from '../figures/delivery-check.js';
import type { Outcome } from '../figures/outcome.js';
import type { Figure } from '../figures/figure.js';

/** A system with its guests, who are not connected yet. */
export type Stage = Readonly<{
  system: RunningSystem;
  /** Whether it keeps messages for bots that are away. */
  remembers: boolean;
  generator: Generator;
  seconds: number;
}>;

export interface Workload {
  readonly name: string;
  /** What is done, in a few words, for the table. */
  readonly title: string;
  readonly guests: Guests;
  /** The figures by which systems are compared. */
  readonly headlines: readonly Figure[];
  /** One run is enough, because a run takes long and its figures hardly vary. */
  readonly once?: boolean;
  /** Whether it makes sense for a system. */
  suits(system: System): boolean;
  run(stage: Stage): Promise<Outcome>;
}

/** Returns the channel of each guest: so many bots, spread evenly over so many channels. */
export const spreadOver = (bots: number, channels: number): Guests =>
  Array.from({ length: bots }, (_, bot) => `bench-${bot % channels}`);

/** Returns the numbers from `from` up to, but not including, `to`. */
export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

export const NOTHING_WRONG: Verdict = { due: 0, lost: 0, repeated: 0, reordered: 0 };

/** Says why a run does not count in which bots did not catch up. */
export const behindReason = (behind: number): Pick<Outcome, 'doesNotCount'> =>
  behind === 0 ? {} : { doesNotCount: `${behind} did not catch up` };

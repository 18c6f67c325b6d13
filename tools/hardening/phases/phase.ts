import type { Plant } from '../planting/plants.js';
import type { Findings, PhaseName } from '../report/hardening-report.js';
import type { SystemSource } from '../system/system-source.js';

/** One part of a run, by itself: it opens the systems it needs and closes them. */
export type Phase = Readonly<{
  name: PhaseName;
  title: string;
  /** About how long it takes, for the time left. */
  expectedSeconds(minutes: number): number;
  /** @throws Error when it could not be carried out at all, which fails the run */
  run(context: PhaseContext): Promise<Findings>;
}>;

export type PhaseContext = Readonly<{
  /** How long load and soak last; others shorten themselves when it is small. */
  minutes: number;
  systems: SystemSource;
  /** For names of bots and channels that no other run has. */
  runId: string;
  planted: ReadonlySet<Plant>;
  /** Aborted by Ctrl-C: what runs ends soon, and cleans up. */
  signal: AbortSignal;
  /** What goes on now, in a few words: shown in the terminal, or a line of JSON. */
  tell(news: News): void;
}>;

/** Figures of the moment, for the line in the terminal. */
export type News = Readonly<{ doing?: string; figures?: Readonly<Record<string, string | number>> }>;

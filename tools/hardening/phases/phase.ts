import type { Plant } from '../planting/plants.js';
import type { Findings, PhaseName } from '../report/hardening-report.js';
import type { SystemSource } from '../system/system-source.js';

/** One independent part of a run: it opens the systems it needs and closes them. */
export type Phase = Readonly<{
  name: PhaseName;
  title: string;
  /** About how long the phase takes, for the estimate of the time left. */
  expectedSeconds(minutes: number): number;
  /** Runs the phase. @throws Error when it could not be carried out at all, which fails the run */
  run(context: PhaseContext): Promise<Findings>;
}>;

export type PhaseContext = Readonly<{
  /** Duration of the load and of the soak. The other phases shorten themselves when this is small. */
  minutes: number;
  systems: SystemSource;
  /** Part of the names of bots and channels, so that no other run uses them. */
  runId: string;
  planted: ReadonlySet<Plant>;
  /** Aborted by Ctrl-C; the phase then ends soon and cleans up. */
  signal: AbortSignal;
  /** Reports what the phase is doing, in a few words: shown in the terminal, or as a line of JSON. */
  tell(news: News): void;
}>;

/** News of a phase: what it is doing, and current figures for the progress line. */
export type News = Readonly<{ doing?: string; figures?: Readonly<Record<string, string | number>> }>;

export type Route = Readonly<{ method: string; path: string; query: readonly string[] }>;

/** What inputs speak of. The same scene, seed and number make the same input. */
export type Scene = Readonly<{
  /** Keys of bots that are members of `channel`; a script has one for itself. */
  bots: readonly string[];
  /** A bot that several scripts use at once. */
  shared: string;
  admin: string;
  auditor: string;
  channel: string;
  /** A channel that the bots are not in. */
  closed: string;
  /** Every route of the HTTP API, as it describes itself. */
  routes: readonly Route[];
  /** When the run began, for ids that say when they were made. */
  epochMs: number;
}>;

/** Names that are free to be made, changed and deleted by whoever has the right to: nobody else uses them. */
export const SCRATCH = ['fuzz-a', 'fuzz-b', 'fuzz-c', 'fuzz-d'] as const;

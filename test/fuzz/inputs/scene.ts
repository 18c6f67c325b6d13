export type Route = Readonly<{ method: string; path: string; query: readonly string[] }>;

/** What inputs refer to. The same scene, seed and number make the same input. */
export type Scene = Readonly<{
  /** Keys of bots that are members of `channel`. Each running script uses one that no other uses. */
  bots: readonly string[];
  /** The key of a bot that several scripts use at once. */
  shared: string;
  admin: string;
  auditor: string;
  channel: string;
  /** A channel without the bots. */
  closed: string;
  /** Every route of the HTTP API, as its document describes it. */
  routes: readonly Route[];
  /** When the run began. It goes into ids that say when they were made. */
  epochMs: number;
}>;

/** Names that whoever has the right may make, change and delete, because nobody else uses them. */
export const SCRATCH = ['fuzz-a', 'fuzz-b', 'fuzz-c', 'fuzz-d'] as const;

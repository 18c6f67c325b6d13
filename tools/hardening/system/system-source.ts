import type { Verbatim } from '#tools/harness/system/verbatim.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

/** Where the phases get a Verbatim from: one started for each, or the one at `--url`. */
export interface SystemSource {
  /** Whether the server runs elsewhere: its processes can't be seen, and not be killed. */
  readonly isRemote: boolean;
  /** A new, empty system with these settings on top of the defaults; or the one at the URL, as it is. */
  open(env?: Readonly<Record<string, string>>): Promise<SystemUnderTest>;
}

export type SystemUnderTest = Readonly<{
  api: VerbatimApi;
  /** Where bots connect: the server, or what plants faults between them and it. */
  botsUrl: string;
  /** Its processes, if it was started here. */
  local?: Verbatim;
  /** Stops what was started, and removes its data. */
  close(): Promise<void>;
}>;

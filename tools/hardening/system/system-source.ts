import type { Verbatim } from '#tools/harness/system/verbatim.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

/** Gives the phases a Verbatim: a new one for each, or the one at `--url`. */
export interface SystemSource {
  /** Whether the server runs elsewhere, so that its processes can be neither seen nor killed. */
  readonly isRemote: boolean;
  /** Returns a new, empty system with these settings on top of the defaults; or the one at the URL, unchanged. */
  open(env?: Readonly<Record<string, string>>): Promise<SystemUnderTest>;
}

export type SystemUnderTest = Readonly<{
  api: VerbatimApi;
  /** Where bots connect: the server, or the proxy that plants faults in front of it. */
  botsUrl: string;
  /** The process tree, if the system was started here. */
  local?: Verbatim;
  /** Stops what was started, and removes its data. */
  close(): Promise<void>;
}>;

import type { DamagedLog } from '../record/damaged-log.js';

/** Receives what a log reports: problems with its files, one line each, and damage that was read. */
export interface LogReports {
  readonly say?: ((line: string) => void) | undefined;
  /** Called each time a damaged record is read. */
  readonly damaged?: ((damage: DamagedLog) => void) | undefined;
  /** Called when the index turns out to be damaged while in use, so that a read can't be answered. */
  readonly unusable?: ((reason: string) => void) | undefined;
}

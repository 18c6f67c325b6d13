import type { DamagedLog } from './damaged-log.js';

/** What a log tells of its files, each in one line, and of damage that was read. */
export interface LogReports {
  readonly say?: ((line: string) => void) | undefined;
  /** Called each time a damaged record is read. */
  readonly damaged?: ((damage: DamagedLog) => void) | undefined;
  /** Called when the index is found to be damaged while in use: what it is asked for can't be answered. */
  readonly unusable?: ((reason: string) => void) | undefined;
}

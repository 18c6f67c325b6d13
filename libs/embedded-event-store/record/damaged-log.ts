/** A place of the log on disk. */
export interface LogPlace {
  readonly position: number;
  /** Name of the file in the data folder. */
  readonly file: string;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
}

/** Reports that the files do not contain what was written. The message names file and place, and says what is wrong. */
export class DamagedLog extends Error {
  override name = 'DamagedLog';

  constructor(
    message: string,
    /** Place of the data that can't be read. */
    readonly place?: LogPlace,
  ) {
    super(message);
  }
}

/** @param what describes the problem, as a sentence without its full stop */
export const damageAt = (place: LogPlace, what: string): DamagedLog =>
  new DamagedLog(
    `The log is damaged at position ${place.position} (${place.file}, byte ${place.offset}): ${what}`,
    place,
  );

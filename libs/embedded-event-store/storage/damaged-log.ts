/** Where bytes of the log lie on disk. */
export interface LogPlace {
  readonly position: number;
  /** Name of the file in the data folder. */
  readonly file: string;
  /** Bytes from the file's beginning. */
  readonly offset: number;
}

/** The files do not hold what was written there. The message names file and place, and says what is wrong. */
export class DamagedLog extends Error {
  override name = 'DamagedLog';

  constructor(
    message: string,
    /** Of what can't be read. */
    readonly place?: LogPlace,
  ) {
    super(message);
  }
}

/** @param what is wrong there, as a sentence without its end */
export const damageAt = (place: LogPlace, what: string): DamagedLog =>
  new DamagedLog(
    `The log is damaged at position ${place.position} (${place.file}, byte ${place.offset}): ${what}`,
    place,
  );

/** The files do not hold what the index says. */
export class DamagedLog extends Error {
  override name = 'DamagedLog';
}

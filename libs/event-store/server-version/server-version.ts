/** A version of EventStoreDB: year, month and number of the release. */
export type ServerVersion = Readonly<{ year: number; month: number; patch: number }>;

/** The version as servers name theirs (`24.10.4`, `23.10.1.0`, `24.10.0-rc1`). Undefined for anything else, and for a build without one. */
export const parseServerVersion = (text: string): ServerVersion | undefined => {
  const parts = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![\d])/u.exec(text.trim());
  if (!parts) return undefined;
  const [year, month, patch] = parts.slice(1).map(Number) as [number, number, number];
  return year === 0 ? undefined : { year, month, patch };
};

/** Negative when `a` is older than `b`, 0 when they are the same, positive when newer. */
export const compareVersions = (a: ServerVersion, b: ServerVersion): number =>
  a.year - b.year || a.month - b.month || a.patch - b.patch;

/**
 * The oldest server that works. From 23.10 on a subscription says when it has caught up, by which a projection knows that
 * it is live and hands over to the reading that all roles share; and no older one was tried.
 */
export const OLDEST_SERVER: ServerVersion = { year: 23, month: 10, patch: 0 };

/** Whether Verbatim runs on a server of this version. One that names none it knows is given the benefit of the doubt. */
export const isSupported = (text: string): boolean => {
  const version = parseServerVersion(text);
  return version === undefined || compareVersions(version, OLDEST_SERVER) >= 0;
};

export const formatVersion = ({ year, month, patch }: ServerVersion): string => `${year}.${month}.${patch}`;

/** A version of EventStoreDB: year, month and number of the release. */
export type ServerVersion = Readonly<{ year: number; month: number; patch: number }>;

/**
 * Parses a version as servers write it (`24.10.4`, `23.10.1.0`, `24.10.0-rc1`). Returns undefined for anything else,
 * and for a build without a version.
 */
export const parseServerVersion = (text: string): ServerVersion | undefined => {
  const parts = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![\d])/u.exec(text.trim());
  if (!parts) return undefined;
  const [year, month, patch] = parts.slice(1).map(Number) as [number, number, number];
  return year === 0 ? undefined : { year, month, patch };
};

/**
 * Returns a negative number when `a` is older than `b`, 0 when they are equal, and a positive number when `a` is newer.
 */
export const compareVersions = (a: ServerVersion, b: ServerVersion): number =>
  a.year - b.year || a.month - b.month || a.patch - b.patch;

/**
 * The oldest supported server. Since 23.10 a subscription says when it has caught up; a projection needs that to know
 * that it is live and can join the feed that all roles share. No older version was tried.
 */
export const OLDEST_SERVER: ServerVersion = { year: 23, month: 10, patch: 0 };

/** Returns whether Verbatim runs on a server of this version. A version that can't be parsed is accepted. */
export const isSupported = (text: string): boolean => {
  const version = parseServerVersion(text);
  return version === undefined || compareVersions(version, OLDEST_SERVER) >= 0;
};

export const formatVersion = ({ year, month, patch }: ServerVersion): string => `${year}.${month}.${patch}`;

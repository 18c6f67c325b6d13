import { readFileSync, readdirSync } from 'node:fs';
import {
  compareVersions,
  parseServerVersion,
  type ServerVersion,
} from '#libs/event-store/server-version/server-version.js';

export interface Recording {
  readonly server: { readonly version: string };
  readonly scenarios: Readonly<Record<string, readonly string[]>>;
}

const FOLDER = new URL('../recorded/', import.meta.url);

export const recordings: readonly Recording[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Recording);

/** Returns the newest recording of the same release as this version. Undefined if there is none. */
export const recordingOf = (version: string): Recording | undefined => {
  const wanted = parseServerVersion(version);
  if (!wanted) return undefined;
  const versions = new Map(
    recordings.map((recording) => [recording, parseServerVersion(recording.server.version)!] as const),
  );
  const sameRelease = (v: ServerVersion): boolean => v.year === wanted.year && v.month === wanted.month;
  return recordings
    .filter((recording) => sameRelease(versions.get(recording)!))
    .toSorted((a, b) => compareVersions(versions.get(b)!, versions.get(a)!))[0];
};

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { takeDataFolder, DataFolderUnusable } from '#libs/embedded-event-store/storage/data-folder.js';
import { DamagedLog } from '#libs/embedded-event-store/record/damaged-log.js';
import { EventLog, INDEX_FILE } from '#libs/embedded-event-store/storage/event-log.js';
import type { FolderLock } from '#libs/embedded-event-store/storage/folder-lock.js';
import { prepareIndex } from '#libs/embedded-event-store/storage/prepare-index.js';
import { append, type Kept, type WholeLog } from './whole-log.js';

/** Entries of the log that are read at a time. */
const PAGE = 100;

/** How a store took the damage. None of these outcomes is a silent loss. */
export type Outcome = 'refused' | 'told to readers' | 'made good and told' | 'nothing lost';

const segments = (folder: string): Map<string, Buffer> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name.startsWith('events-'))
      .map((name) => [name, readFileSync(join(folder, name))]),
  );

/**
 * Starts a store on a damaged folder, reads every event there was, and appends.
 * @throws Error for a silent loss or an overwrite
 */
export const judge = async (folder: string, whole: WholeLog): Promise<Outcome> => {
  const before = segments(folder);
  const said: string[] = [];
  let lock: FolderLock | undefined;
  let log: EventLog;
  try {
    lock = takeDataFolder(folder);
    await prepareIndex(join(folder, INDEX_FILE), (line) => said.push(line));
    log = new EventLog(folder, { say: (line) => said.push(line) });
  } catch (error) {
    lock?.release();
    if (!(error instanceof DamagedLog) && !(error instanceof DataFolderUnusable)) throw error;
    if (!/position \d+|format|holds|first file/u.test(error.message))
      throw new Error(`Unclear: ${error.message}`, { cause: error });
    unchanged(before, segments(folder));
    return 'refused';
  }
  try {
    const told = whole.events.filter((kept) => isTold(log, kept)).length;
    for (const direction of ['forwards', 'backwards'] as const) await checkWalk(log, whole, direction);
    await append(log, ['after']);
    unchanged(before, segments(folder));
    if (told > 0) return 'told to readers';
    return said.length > 0 ? 'made good and told' : 'nothing lost';
  } finally {
    await log.close();
    lock.release();
  }
};

/** Whether a reader learns that an event is damaged. A reader gets what was written or an error, and nothing else. */
const isTold = (log: EventLog, { stream, revision, record }: Kept): boolean => {
  const state = log.streamState(stream);
  if (!state || state.lastRevision < revision) throw new Error(`${stream}@${revision} is lost in silence`);
  try {
    const found = log.entryAt(state.id, revision);
    if (!found) throw new Error(`${stream}@${revision} is lost in silence`);
    if (!found.record.equals(record)) throw new Error(`${stream}@${revision} is another now`);
    return false;
  } catch (error) {
    if (error instanceof DamagedLog) return true;
    throw error;
  }
};

/**
 * Who reads all of the log past damaged events gets every event, or is told of it as the event that it was, whatever is
 * left of it: the index knows.
 */
const checkWalk = async (
  log: EventLog,
  whole: WholeLog,
  direction: 'forwards' | 'backwards',
): Promise<void> => {
  const names = whole.events.map(({ stream, revision }) => `${stream}@${revision}`);
  const due = direction === 'forwards' ? names : names.toReversed();
  let passed = 0;
  for (let from = direction === 'forwards' ? 0 : log.nextPosition; ;) {
    const entries = await log.readAllSearched(from, direction, PAGE);
    for (const entry of entries) {
      if (entry.isDamaged && !entry.isKnownDamage)
        throw new Error(`The reading ${direction} ends at position ${entry.position}, before ${due[passed]}`);
      const name = `${entry.stream}@${entry.revision}`;
      if (name !== due[passed])
        throw new Error(`${due[passed]} is lost in silence ${direction}: ${name} follows`);
      passed += 1;
      from = direction === 'forwards' ? entry.next : entry.position;
    }
    if (entries.length === 0) break;
  }
  if (passed < due.length) throw new Error(`${due[passed]} is lost in silence ${direction}`);
};

/** Checks that no byte of the files from before has changed. More bytes may follow. */
const unchanged = (before: ReadonlyMap<string, Buffer>, after: ReadonlyMap<string, Buffer>): void => {
  for (const [name, bytes] of before) {
    const now = after.get(name);
    if (!now?.subarray(0, bytes.length).equals(bytes)) throw new Error(`${name} was changed`);
  }
};

import { LogSnapshots } from '#libs/event-store/snapshot/log-snapshots.js';
import type { SnapshotFormat } from '#libs/event-store/snapshot/log-snapshots.js';
import { Snapshotter } from '#libs/event-store/snapshot/snapshotter.js';
import { fromRows, toRows } from './snapshot-rows.js';
import type { DirectoryState } from '../directory.js';
import type { SnapshotRow } from './snapshot-rows.js';

export const DIRECTORY_SNAPSHOTS: SnapshotFormat<DirectoryState> = {
  stream: 'snapshot-directory',
  type: 'DirectorySnapshotTaken',
  // 2: earlier ones say nothing of events that could not be understood, 3: nor of keys of bots that were revoked. They are
  // passed over.
  version: 3,
  toRows,
  fromRows: (rows) => fromRows(rows as readonly SnapshotRow[]),
};

/** Where the directory is saved; names the generic class for injection. */
export class DirectorySnapshots extends LogSnapshots<DirectoryState> {}

/** Saves the directory; names the generic class for injection. */
export class DirectorySnapshotter extends Snapshotter<DirectoryState> {}

import { LogSnapshots } from '#libs/event-store/snapshot/log-snapshots.js';
import type { SnapshotFormat } from '#libs/event-store/snapshot/log-snapshots.js';
import { Snapshotter } from '#libs/event-store/snapshot/snapshotter.js';
import { fromRows, toRows } from './snapshot-rows.js';
import type { DirectoryState } from '../directory.js';
import type { SnapshotRow } from './snapshot-rows.js';

export const DIRECTORY_SNAPSHOTS: SnapshotFormat<DirectoryState> = {
  stream: 'snapshot-directory',
  type: 'DirectorySnapshotTaken',
  // Version 2 added events that cannot be decoded, version 3 the revoked keys of bots, version 4 the tokens that
  // are revoked by when they were issued. Snapshots of other versions are ignored.
  version: 4,
  toRows,
  fromRows: (rows) => fromRows(rows as readonly SnapshotRow[]),
};

/** Stores snapshots of the directory. The class gives the generic one a name for injection. */
export class DirectorySnapshots extends LogSnapshots<DirectoryState> {}

/** Takes snapshots of the directory. The class gives the generic one a name for injection. */
export class DirectorySnapshotter extends Snapshotter<DirectoryState> {}

import type { Settings } from '#libs/platform/config/settings.js';
import type { DiskPlace } from '#libs/platform/disk/disk-watch.js';
import type { DataFolder } from '../data-folder/data-folder.js';

/** Returns the folders of the embedded engines, by the engines' names. An engine that runs elsewhere has none here. */
export const diskPlaces = (
  { eventStore, postgres }: Pick<Settings, 'eventStore' | 'postgres'>,
  folder: Pick<DataFolder, 'eventStore' | 'postgres'>,
): readonly DiskPlace[] => [
  ...(eventStore.url === undefined ? [{ name: 'event-store', folder: folder.eventStore }] : []),
  ...(postgres.url === undefined ? [{ name: 'postgres', folder: folder.postgres }] : []),
];

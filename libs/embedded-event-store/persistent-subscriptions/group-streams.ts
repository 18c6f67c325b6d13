import { randomBytes } from 'node:crypto';
import type { ProposedEvent } from '../record/record.js';
import type { GroupTarget } from './rules/group-settings.js';

/*
 * The streams that hold the groups, with the names and contents that EventStoreDB uses
 * (PersistentSubscriptionConfig.cs, PersistentSubscriptionCheckpointWriter.cs, PersistentSubscriptionMessageParker.cs).
 */

export const ALL = '$all';
export const CONFIG_STREAM = '$persistentSubscriptionConfig';
const CONFIG_TYPE = '$PersistentConfig';

const STREAM_PREFIX = '$persistentsubscription-';

/** Returns `<stream>::<group>`, which consumers receive as the id of the subscription. */
export const groupKey = ({ stream = ALL, group }: Pick<GroupTarget, 'stream' | 'group'>): string =>
  `${stream}::${group}`;

export const checkpointStreamOf = (key: string): string => `${STREAM_PREFIX}${key}-checkpoint`;
export const parkedStreamOf = (key: string): string => `${STREAM_PREFIX}${key}-parked`;

const NOTHING = Buffer.alloc(0);
const ADMINS = '$admins';

const jsonEvent = (type: string, data: unknown): ProposedEvent => ({
  id: newId(),
  type,
  isJson: true,
  data: Buffer.from(JSON.stringify(data, null, 2)),
  metadata: NOTHING,
});

export const configEvent = (config: unknown): ProposedEvent => jsonEvent(CONFIG_TYPE, config);

/** Makes a checkpoint event. Its data is a revision, or `C:<commit>/P:<prepare>`, as a JSON string. */
export const checkpointEvent = (checkpoint: string): ProposedEvent =>
  jsonEvent('$SubscriptionCheckpoint', checkpoint);

export const metadataEvent = (metadata: object): ProposedEvent => jsonEvent('$metadata', metadata);

export const CONFIG_METADATA = { $maxCount: 2 };
export const CHECKPOINT_METADATA = {
  $maxCount: 2,
  $acl: { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: '$all', $mw: ADMINS },
};
/** Returns the metadata that hides parked messages before this revision, because they were replayed. */
export const parkedMetadata = (truncateBefore: number): object => ({
  $tb: truncateBefore,
  $acl: { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: ADMINS, $mw: ADMINS },
});

/** Makes a link to the parked event, with the reason. */
export const parkedEvent = (
  link: Buffer,
  about: { readonly added: Date; readonly reason: string; readonly subscriptionEventNumber: number },
): ProposedEvent => ({
  id: newId(),
  type: '$>',
  isJson: false,
  data: link,
  metadata: Buffer.from(JSON.stringify(about)),
});

const newId = (): Buffer => {
  const id = randomBytes(16);
  id[6] = (id[6]! & 0x0f) | 0x40;
  id[8] = (id[8]! & 0x3f) | 0x80;
  return id;
};

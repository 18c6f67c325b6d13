import {
  DamagedEvent,
  StoreFault,
  StreamGone,
  WrongExpectedRevision,
} from '#libs/event-store/event-store.errors.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import type { ServiceRole } from '#libs/platform/config/settings.table.js';
import { missingRights, rightsNeeded, type Right } from './store-rights.js';
import { final, type Trouble } from './trouble.js';
import { newEvent } from '#libs/event-store/codec/new-event.js';

/**
 * A revision that no stream has. An append that expects it is refused, but only after the right was checked.
 */
const NO_REVISION = Number.MAX_SAFE_INTEGER;

type Store = Pick<EventStore, 'append' | 'readStream'>;

/**
 * Returns a check that tries every right these roles need, without leaving anything in the log. Its appends
 * expect a revision that no stream has: EventStoreDB checks the right first (Streams.BatchAppend.cs), then
 * compares the revision, before it writes anything (StorageWriterService.cs).
 *
 * @throws StoreUnavailable when the store does not answer
 */
export const checkRights =
  (roles: readonly ServiceRole[]) =>
  async (store: Store): Promise<Trouble | undefined> => {
    const rights = rightsNeeded(roles);
    const granted = await Promise.all(rights.map((right) => isGranted(store, right)));
    const missing = rights.filter((_, index) => !granted[index]);
    return missing.length === 0 ? undefined : final(missingRights(missing));
  };

const isGranted = async (store: Store, right: Right): Promise<boolean> => {
  try {
    await exercise(store, right);
    return true;
  } catch (error) {
    // These errors come after the right was checked.
    const isLookedAt = [WrongExpectedRevision, StreamGone, DamagedEvent].some(
      (kind) => error instanceof kind,
    );
    if (isLookedAt) return true;
    if (error instanceof StoreFault) return false;
    throw error;
  }
};

const exercise = async (store: Store, { act, stream }: Right): Promise<void> => {
  if (act === 'read') {
    for await (const _ of store.readStream(stream, { direction: 'backwards', limit: 1 })) return;
    return;
  }
  const target = act === 'append to' ? stream : `$$${stream}`;
  await store.append(target, [neverStored(act === 'append to' ? 'RightsChecked' : '$metadata')], NO_REVISION);
};

const neverStored = (type: string): NewEvent => newEvent({ type, data: {} }, { node: '' });

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartRefused } from '../start-refused.js';

/** Where each part of a data folder lies. */
type Parts = Readonly<{ eventStore: string; postgres: string; adminKey: string }>;

/** What every log of the embedded event store has in its folder. */
const isOfALog = (name: string): boolean => name === 'format.json' || /^events-\d+\./u.test(name);

export const holdsLog = (eventStore: string): boolean =>
  existsSync(eventStore) && readdirSync(eventStore).some(isOfALog);

/**
 * An admin's key is only kept once the log knows it. A log that is gone then was lost: an empty one in its place would
 * look as if all were well, and the read models, the last that is left of it, would be built anew from nothing.
 *
 * @throws StartRefused, nothing was changed
 */
export const requireLog = ({ eventStore, adminKey }: Pick<Parts, 'eventStore' | 'adminKey'>): void => {
  if (!existsSync(adminKey) || holdsLog(eventStore)) return;
  throw new StartRefused(
    `The event store's files are not in ${eventStore}, though this data folder has been used (${adminKey} is there): put them back, from a backup if need be. To begin with an empty log, move the data folder away, or set VERBATIM_DATA_DIR to another`,
  );
};

/** What to say of read models that are lost while the log is there: nothing is lost with them. */
export const lostReadModels = ({ eventStore, postgres, adminKey }: Parts): string | undefined => {
  const cluster = join(postgres, 'cluster');
  if (existsSync(cluster) || !existsSync(adminKey) || !holdsLog(eventStore)) return undefined;
  return `PostgreSQL's files are not in ${cluster}: they are made anew, and the read models built from the log`;
};

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartRefused } from '../start-refused.js';

/** The paths of the parts of a data folder. */
type Parts = Readonly<{ eventStore: string; postgres: string; adminKey: string }>;

/** Returns whether a file is one that every log of the embedded event store has. */
const isOfALog = (name: string): boolean => name === 'format.json' || /^events-\d+\./u.test(name);

export const holdsLog = (eventStore: string): boolean =>
  existsSync(eventStore) && readdirSync(eventStore).some(isOfALog);

/**
 * Refuses to start without the log that this folder had. An admin's key is kept only once the log knows it,
 * so if there is a key but no log, the log was lost. An empty log in its place would look as if all were
 * well, and the read models, the last remainder of the lost log, would be rebuilt from nothing.
 *
 * @throws StartRefused before anything is changed
 */
export const requireLog = ({ eventStore, adminKey }: Pick<Parts, 'eventStore' | 'adminKey'>): void => {
  if (!existsSync(adminKey) || holdsLog(eventStore)) return;
  throw new StartRefused(
    `The event store's files are not in ${eventStore}, though this data folder has been used (${adminKey} is there): put them back, from a backup if needed. To begin with an empty log, move the data folder away, or set VERBATIM_DATA_DIR to another`,
  );
};

/** Returns what to say when the read models are missing but the log is there. Nothing is lost then. */
export const lostReadModels = ({ eventStore, postgres, adminKey }: Parts): string | undefined => {
  const cluster = join(postgres, 'cluster');
  if (existsSync(cluster) || !existsSync(adminKey) || !holdsLog(eventStore)) return undefined;
  return `PostgreSQL's files are not in ${cluster}: they are created again, and the read models are rebuilt from the log`;
};

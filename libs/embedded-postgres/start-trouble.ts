import { OR_USE_YOUR_OWN } from './embedded-postgres.error.js';

/** Says what a message of PostgreSQL means here. The first match in the list counts. */
type Trouble = Readonly<{
  words: RegExp;
  what: (last: string) => string;
  remedy: (dataDir: string) => string;
}>;

const moveAway = (dataDir: string): string =>
  `move ${dataDir} away: the next start creates it again and rebuilds the read models from the log`;
const makeRoom = (): string => 'make room on the disk';

const TROUBLES: readonly Trouble[] = [
  {
    words: /no space left|could not extend file|wrote only/i,
    what: () => 'the disk is full',
    remedy: makeRoom,
  },
  {
    words: /invalid permissions/i,
    what: () => 'other users may read its files',
    remedy: (dataDir) => `remove that permission (chmod 700 ${dataDir}/cluster)`,
  },
  {
    words: /password authentication failed/i,
    what: () => 'the password in the file "password" is not the one that its files were made with',
    remedy: moveAway,
  },
  {
    words: /control file|pg_control|could not find the database system|database files are incompatible/i,
    what: () => 'its control file (cluster/global/pg_control) is missing or damaged',
    remedy: moveAway,
  },
  {
    words: /checkpoint record|pg_wal|\bWAL\b/i,
    what: () => 'its write-ahead log (cluster/pg_wal) is missing or damaged',
    remedy: moveAway,
  },
  {
    words: /invalid page|could not (open|read|access) (file|directory|block)|does not exist|corrupt/i,
    what: (last) => `one of its files is missing or damaged (${last})`,
    remedy: moveAway,
  },
];

/** Explains from the server's last lines why it did not start, and what to do about it. */
export const whyNotStarted = (words: string, dataDir: string): string => {
  const last = lastWord(words);
  const trouble = TROUBLES.find((candidate) => candidate.words.test(words));
  if (!trouble) return `PostgreSQL did not start in ${dataDir}: ${last}; ${OR_USE_YOUR_OWN}`;
  return `PostgreSQL did not start in ${dataDir}: ${trouble.what(last)}. To go on, ${trouble.remedy(dataDir)}, ${OR_USE_YOUR_OWN}`;
};

/** Returns the line in the output of the server or of initdb that says why it gave up. */
export const lastWord = (words: string): string => {
  const lines = words.trim().split('\n');
  const line =
    lines.findLast((candidate) => /FATAL|PANIC/.test(candidate)) ??
    lines.findLast((candidate) => /error|no space/i.test(candidate)) ??
    lines.at(-1) ??
    words;
  return line.replace(/^.*?(FATAL|PANIC): +/, '');
};

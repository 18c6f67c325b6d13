import { describe, expect, it } from 'vitest';
import { lastWord, whyNotStarted } from './start-trouble.js';

const FATAL = '2026-11-29 21:00:00.000 UTC [7] FATAL:  ';

describe('the explanation of a failed start of PostgreSQL', () => {
  it.each([
    ['password authentication failed for user "verbatim"', /not the one.*move \/data away/],
    [`${FATAL}database files are incompatible with server\nDETAIL: …`, /control file.*move \/data away/],
    [
      'postgres: could not find the database system\nExpected to find it in the directory "/data/cluster",\nbut could not open file "/data/cluster/global/pg_control": No such file or directory',
      /control file.*move \/data away/,
    ],
    [
      `LOG:  invalid checkpoint record\n${FATAL}could not locate a valid checkpoint record at 0/1F95CF8`,
      /write-ahead log.*move/,
    ],
    [`${FATAL}required WAL directory "pg_wal" does not exist`, /write-ahead log.*move/],
    ['invalid page in block 0 of relation "base/16384/1259"', /damaged \(invalid page in block 0.*move/],
    [
      `${FATAL}could not open file "base/1/2": No such file or directory`,
      /missing or damaged \(could not.*move/,
    ],
    [`${FATAL}data directory "/data/cluster" has invalid permissions`, /chmod 700 \/data\/cluster/],
    [
      `${FATAL}could not write lock file "postmaster.pid": No space left on device`,
      /disk is full.*make room/,
    ],
  ])('of %j says what to do', (words, said) => {
    const why = whyNotStarted(words, '/data');
    expect(why).toMatch(said);
    expect(why).toMatch(
      /^PostgreSQL did not start in \/data: .*, or set VERBATIM_POSTGRES_URL to a PostgreSQL of your own$/,
    );
    expect(why).not.toMatch(/disk is full.*move/);
  });

  it('is its own message when there is no better explanation', () => {
    expect(whyNotStarted(`${FATAL}the moon is full`, '/data')).toBe(
      'PostgreSQL did not start in /data: the moon is full; or set VERBATIM_POSTGRES_URL to a PostgreSQL of your own',
    );
  });

  it('is not the message of initdb about cleaning up', () => {
    const words = `initdb: error: could not write file "x": No space left on device\ninitdb: removing contents of data directory "x"`;
    expect(lastWord(words)).toBe('initdb: error: could not write file "x": No space left on device');
  });
});

import { describe, expect, it } from 'vitest';
import { loadSettings } from '#libs/platform/config/settings.js';
import { diskPlaces } from './disk-places.js';

const FOLDER = { eventStore: '/data/event-store', postgres: '/data/postgres' };
const ESDB = { VERBATIM_EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false' };
const POSTGRES = { VERBATIM_POSTGRES_URL: 'postgres://127.0.0.1/verbatim' };

describe('the disks that are watched', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['both embedded engines', {}, ['event-store /data/event-store', 'postgres /data/postgres']],
    ['the event store, if PostgreSQL runs elsewhere', POSTGRES, ['event-store /data/event-store']],
    ['PostgreSQL, if the event store runs elsewhere', ESDB, ['postgres /data/postgres']],
    ['none, if both run elsewhere', { ...ESDB, ...POSTGRES }, []],
  ])('are those of %s', (_which, env, places) => {
    const watched = diskPlaces(loadSettings(env), FOLDER);
    expect(watched.map(({ name, folder }) => `${name} ${folder}`)).toEqual(places);
  });
});

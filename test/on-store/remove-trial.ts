import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStore } from '#libs/event-store/event-store.js';
import { scopePrefix } from '#libs/event-store/scoped-event-store.js';
import { MADE_READER, isScope, schemaOf, withPostgres } from './trial-place.js';
import type { Stores } from './trial-place.js';

/** PostgreSQL's code when other objects depend on the role: another Verbatim uses this server now. */
const IN_USE = '2BP01';
const UNKNOWN_SCHEMA = '3F000';

/**
 * Removes what a trial has written: its streams and its schema, and nothing else. May be repeated.
 * @returns how many streams were deleted.
 * @throws Error when no trial was ever given this name, or a store refuses
 */
export const removeTrial = async ({ eventStoreUrl, postgresUrl }: Stores, scope: string): Promise<number> => {
  if (!isScope(scope))
    throw new Error(
      `"${scope}" is not the name of a trial: such a name begins with "try", and a trial prints it at its end`,
    );
  const streams = await deleteStreams(eventStoreUrl, scopePrefix(scope));
  await dropSchema(postgresUrl, schemaOf(scope));
  return streams;
};

const deleteStreams = async (url: string, prefix: string): Promise<number> => {
  const client = EventStoreDBClient.connectionString(url);
  try {
    const names = await streamsOf(url, prefix);
    for (const name of names) await client.deleteStream(name);
    return names.size;
  } finally {
    await client.dispose();
  }
};

/** Returns the names of all streams that begin like this, without their metadata streams. */
const streamsOf = async (url: string, prefix: string): Promise<ReadonlySet<string>> => {
  const store = new EventStore({ connectionString: url });
  try {
    const names = new Set<string>();
    const read = {
      direction: 'forwards',
      from: 'start',
      filter: { streams: [prefix] },
      follow: false,
    } as const;
    for await (const batch of store.readStored(read)) for (const { stream } of batch) names.add(stream);
    return names;
  } finally {
    await store.close();
  }
};

const dropSchema = (url: string, schema: string): Promise<void> =>
  withPostgres(url, async (client) => {
    const { rows } = await client
      .query<{ comment: string | null }>(`SELECT obj_description($1::regnamespace) AS comment`, [schema])
      .catch((error: { code?: string }) => {
        if (error.code !== UNKNOWN_SCHEMA) throw error;
        return { rows: [] };
      });
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    if (rows[0]?.comment !== MADE_READER) return;
    await client.query('DROP ROLE IF EXISTS verbatim_reader').catch((error: { code?: string }) => {
      if (error.code !== IN_USE) throw error;
    });
  });

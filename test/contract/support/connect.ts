import { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, inject } from 'vitest';

/** A connection to the server under test, closed after the file's last case. */
export const connect = (): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(inject('eventStoreUrl'));
  afterAll(() => client.dispose());
  return client;
};

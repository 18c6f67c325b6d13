import { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, inject, onTestFinished } from 'vitest';

/** Returns a connection to the server under test, closed after the file's last case. */
export const connect = (): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(inject('eventStoreUrl'));
  afterAll(() => client.dispose());
  return client;
};

/** Returns a connection with more settings in its connection string, closed after the case. */
export const connectWith = (settings: string): EventStoreDBClient => {
  const url = inject('eventStoreUrl');
  const client = EventStoreDBClient.connectionString(`${url}${url.includes('?') ? '&' : '?'}${settings}`);
  onTestFinished(() => client.dispose());
  return client;
};

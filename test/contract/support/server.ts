import { EventStoreDBClient } from '@eventstore/db-client';
import type { TestProject } from 'vitest/node';
import { startEventStore } from '#test/support/event-store.js';

declare module 'vitest' {
  interface ProvidedContext {
    eventStoreUrl: string;
    /** The version, as the server names it. */
    eventStoreVersion: string;
  }
}

/** Tells the cases which server they run on and which version it has. Starts our server if none is given. */
export const provideServer = async (
  project: TestProject,
  ours: readonly string[],
): Promise<() => Promise<void>> => {
  const given = process.env['VERBATIM_EVENTSTORE_URL'];
  const store = given ? undefined : await startEventStore(ours);
  const url = given ?? store!.connectionString;
  project.provide('eventStoreUrl', url);
  project.provide('eventStoreVersion', await versionOf(url));
  return async () => store?.stop();
};

const versionOf = async (url: string): Promise<string> => {
  const client = EventStoreDBClient.connectionString(url);
  try {
    const { capabilities } = client as unknown as { capabilities: Promise<{ serverVersion: string }> };
    return (await capabilities).serverVersion;
  } finally {
    await client.dispose();
  }
};

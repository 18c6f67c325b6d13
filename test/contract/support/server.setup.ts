import type { TestProject } from 'vitest/node';
import { startEventStore } from '#test/support/event-store.js';

declare module 'vitest' {
  interface ProvidedContext {
    eventStoreUrl: string;
  }
}

/** Tells the cases which server they are tried on, and starts ours if none is given. */
const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const url = process.env['VERBATIM_EVENTSTORE_URL'];
  if (url) {
    project.provide('eventStoreUrl', url);
    return async () => {};
  }
  const store = await startEventStore(['--projections']);
  project.provide('eventStoreUrl', store.connectionString);
  return () => store.stop();
};

export default setup;

import { EventStoreDBClient } from '@eventstore/db-client';

/** Reads the whole log with only the store's own client. Prints how many events there were, and how long it took. */
const [connectionString = ''] = process.argv.slice(2);
const client = EventStoreDBClient.connectionString(connectionString);
const began = performance.now();
let events = 0;
for await (const { event } of client.readAll()) if (event) events += 1;
process.stdout.write(`${JSON.stringify({ events, seconds: (performance.now() - began) / 1_000 })}\n`);
await client.dispose();
process.exit(0);

import { DurableStreamTestServer } from '@durable-streams/server';

/** The Node server of Durable Streams with its file store. Takes its port and folder. */
const [port, dataDir = ''] = process.argv.slice(2);

await new DurableStreamTestServer({ port: Number(port), host: '127.0.0.1', dataDir }).start();

// Stands in for another event store in the tests: `stand-in-store.mjs <file> --data <folder> --port <n>`. It is our own
// store under another name, started from another place. Each time it starts, it writes a line with its data folder into
// the file. It also prints to standard output, as servers do.
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';

const { values, positionals } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string' } },
  allowPositionals: true,
});
console.log('A stand-in: not what comes with Verbatim.');
const store = await startEmbeddedEventStore({ dataDir: values.data, port: Number(values.port) });
appendFileSync(positionals[0], `${values.data}\n`);
process.on('SIGTERM', () => store.close().then(() => process.exit(0)));
console.log(JSON.stringify({ ready: true, port: store.port }));
console.log('It serves.');

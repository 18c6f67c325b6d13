import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { SharedLog } from '#libs/event-store/shared/shared-log.js';
import { TreeKeeper } from '#apps/audit/src/tree/tree-keeper.js';

/**
 * Keeps the audit log's tree until it is killed. Prints each checkpoint that it would show to a client, as a JSON line.
 */
const [connectionString, folder, node] = process.argv.slice(2) as [string, string, string];
const store = new EventStore({ connectionString });
const keeper = new TreeKeeper({
  folder,
  store,
  log: new SharedLog(store, new LogFeed(store)),
  node,
  pace: { events: 20, ms: 5 },
  say: (level, text) => void process.stderr.write(`${level}: ${text}\n`),
});
keeper.start();
// The key is changed on demand. Whether that succeeds, the log shows.
process.on('SIGUSR2', () => void keeper.round?.rotateKey({ kind: 'system' }).catch(() => undefined));
let shown: string | undefined;
setInterval(() => {
  const text = keeper.served?.text;
  if (text === undefined || text === shown) return;
  shown = text;
  process.stdout.write(`${JSON.stringify(text)}\n`);
}, 1);

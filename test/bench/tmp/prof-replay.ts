import { EventStore } from '#libs/event-store/event-store.js';
import { fillChannel } from '../fill-log.js';
import { receiveBacklog } from '../load/receive-backlog.js';
import { startRoles } from '../../support/roles.js';
const roles = await startRoles({
  gateways: 1,
  admins: 1,
  env: { NODE_OPTIONS: '--import /tmp/prof-hook.mjs' },
});
const store = new EventStore({ connectionString: roles.eventStoreUrl });
const { api } = roles.gateways[0]!;
await api.createChannel('behind');
const reader = { bot: 'reader', channel: 'behind', key: await api.createBot('reader'), messages: 100000 };
await api.addMember('behind', 'reader');
await fillChannel(store, { channel: 'behind', bot: 'reader' }, 100000);
for (let i = 0; i < 6; i++) console.log(Math.round(1e8 / (await receiveBacklog(api.url, reader, 100000))));
await roles.gateways[0]!.process.terminate();
await roles.eventStore.terminate();
await store.close();
await roles.remove();
process.exit(0);

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signCheckpoint } from '#libs/audit-log/checkpoint/signed-checkpoint.js';
import { makeNoteKey, type NoteSigner } from '#libs/audit-log/note/note-key.js';
import { CHECKPOINTS_STREAM } from '#libs/domain/stream-names.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { forge } from '#test/support/forge.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { AuditLogKey } from './audit-log-key.js';

let server: TestEventStore;
let store: EventStore;

beforeAll(async () => {
  server = await startEventStore();
  store = new EventStore({ connectionString: server.connectionString });
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const sign = ({ signer }: { signer: NoteSigner }, key = signer.verifier.text): Promise<unknown> => {
  const note = signCheckpoint({ size: 1, root: Buffer.alloc(32) }, signer);
  return forge(store, CHECKPOINTS_STREAM, 'CheckpointSigned', { note, key });
};

describe('the key of the audit log', () => {
  it('is that of the newest checkpoint in the log, also of one that came before the start', async () => {
    const [first, second] = [makeNoteKey('verbatim/one'), makeNoteKey('verbatim/two')];
    const feed = new LogFeed(store);
    const following = new AuditLogKey(store, feed);
    following.onModuleInit();
    following.onApplicationBootstrap();
    feed.start('end');
    await feed.caughtUp;
    expect(following.told).toBeUndefined();
    await sign(first, second.signer.verifier.text);
    await sign(first);
    await waitFor('the key', () => following.told !== undefined);
    const told = { origin: 'verbatim/one', key: first.signer.verifier.text };
    expect(following.told).toEqual(told);

    await forge(store, CHECKPOINTS_STREAM, 'CheckpointSigned', { note: 1 });
    await forge(store, CHECKPOINTS_STREAM, 'Other', {});
    const started = new AuditLogKey(store, new LogFeed(store));
    started.onApplicationBootstrap();
    await waitFor('the key', () => started.told !== undefined);
    expect(started.told).toEqual(told);

    await sign(second);
    await waitFor('the other key', () => following.told?.origin === 'verbatim/two');
    await feed.close();
  });
});

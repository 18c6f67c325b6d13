import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventStore } from '#libs/event-store/event-store.js';
import { SERVICE_ROLES, type ServiceRole } from '#libs/platform/config/settings.table.js';
import { startEventStore, type TestEventStore } from '../../../../test/support/event-store.js';
import { documentedRefusals } from '../../../../test/support/refused-starts/documented-refusals.js';
import { startRestrictedStore, type May } from '../../../../test/support/refused-starts/restricted-store.js';
import { checkEventStore } from './check-event-store.js';
import { checkRights } from './check-rights.js';

const refusal = async (
  may: May,
  roles: readonly ServiceRole[] = SERVICE_ROLES,
): Promise<string | undefined> => {
  const peer = await startRestrictedStore(may);
  try {
    return await checkEventStore(`esdb://127.0.0.1:${peer.port}?tls=false`, [checkRights(roles)]).then(
      () => undefined,
      (error: Error) => error.message,
    );
  } finally {
    await peer.close();
  }
};

/** The rights of a user who may read everything and write to some streams. */
const writes =
  (streams: RegExp): May =>
  (act, stream) =>
    act === 'read' || streams.test(stream);

describe('a user without a right that is needed is refused at the start', () => {
  const documented = documentedRefusals('Rights in EventStoreDB');

  it.each<[string, May]>([
    ['may not append', (act) => act === 'read'],
    [
      'may not append to some streams',
      (act, stream) => act === 'read' || !/^(cursor|presence)-/.test(stream),
    ],
    ['may not write metadata', (act, stream) => act === 'read' || !stream.startsWith('$$')],
    ['may not read some streams', (act, stream) => act === 'append' || !stream.startsWith('keys-')],
  ])('%s', async (wrong, may) => {
    expect(await refusal(may)).toBe(documented.get(wrong));
  });

  it('but needs only those of its roles', async () => {
    expect(await refusal(writes(/snapshot-directory$/), ['projector'])).toBeUndefined();
    expect(await refusal(writes(/snapshot-directory$|^audit-/), ['audit'])).toBeUndefined();
    expect(await refusal(writes(/snapshot-directory$|^audit-/), ['audit', 'admin'])).toMatch(
      /append to keys-admin:/,
    );
    expect(await refusal(() => true)).toBeUndefined();
  });
});

describe('trying the rights', () => {
  let server: TestEventStore;
  let store: EventStore;
  beforeEach(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString });
  });
  afterEach(async () => {
    await store.close();
    await server.stop();
  });

  it('leaves nothing in the log, whether the streams are there or not', async () => {
    const log = async (): Promise<string[]> => {
      const events: string[] = [];
      for await (const { stream, type } of store.readAll({ includeSystem: true }))
        events.push(`${stream} ${type}`);
      return events;
    };
    const ofTheNode = await log();
    expect(await checkRights(SERVICE_ROLES)(store)).toBeUndefined();
    expect(await log()).toEqual(ofTheNode);
    await store.setStreamMetadata('gateways-heartbeats', { maxCount: 10 });
    const before = await log();
    expect(await checkRights(SERVICE_ROLES)(store)).toBeUndefined();
    expect(await log()).toEqual(before);
  });
});

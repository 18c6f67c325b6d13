import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AcceptedWindow } from '#libs/delivery/accepted-window.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { AcceptedLookup } from '#libs/projections/accepted-lookup.js';
import { messagesProjection } from '#libs/projections/messages/messages.projection.js';
import { want } from '#libs/projections/runner/control-store.js';
import { ProjectionRunner } from '#libs/projections/runner/projection-runner.js';
import { startTestLog } from '#test/support/gateway-app.js';
import type { TestLog } from '#test/support/gateway-app.js';
import { newEvent } from '#test/support/new-event.js';
import { usePostgres } from '#test/support/postgres.js';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { scavenge } from '#test/support/scavenge.js';
import { EarlierMessages } from './earlier-messages.js';

const STREAM = 'messages-room';
const BOT = 'alice';
const [RANDOM, OLD, LAST] = [uuidv4(), uuidv7(), uuidv4()];
const LATER_MS = 120_000;

const postgres = usePostgres();
let log: TestLog;
let store: EventStore;
let scratch: ScratchDatabase;
let lookup: AcceptedLookup;
let runner: ProjectionRunner | undefined;

beforeAll(async () => {
  log = await startTestLog();
  store = new EventStore({ connectionString: log.connectionString });
  for (const id of [RANDOM, OLD, LAST]) {
    const data = { id, channel: 'room', bot: BOT, body: 'hi' };
    await store.append(STREAM, [{ ...newEvent(), type: 'MessagePosted', data }], 'any');
  }
});
afterAll(async () => {
  await store?.close();
  await log?.stop();
});
beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
  lookup = new AcceptedLookup(scratch.url, store);
});
afterEach(async () => {
  await runner?.stopProjection();
  runner = undefined;
  await lookup.close();
  await scratch.close();
});

const project = async (): Promise<void> => {
  runner = new ProjectionRunner(messagesProjection, store, scratch.stores, { heartbeatMs: 10 });
  runner.start();
  await expect.poll(async () => (await rows('messages')).includes(2), { timeout: 20_000 }).toBe(true);
};
const rows = async (table: string): Promise<number[]> =>
  (await scratch.database.rows<{ seq: string }>(`SELECT seq FROM ${table} ORDER BY seq`)).map(({ seq }) =>
    Number(seq),
  );
/** Builds the read model anew and makes that build the active one, although it lacks rows. */
const rebuild = async (): Promise<void> => {
  const stages = async (stage: string): Promise<number[]> =>
    (
      await scratch.database.rows<{ generation: number }>(
        `SELECT generation FROM projection_builds WHERE name = 'messages' AND stage = $1`,
        [stage],
      )
    ).map(({ generation }) => generation);
  const [before] = await stages('active');
  await want(scratch.database, 'messages', 'rebuild');
  await expect
    .poll(
      async () => {
        if ((await stages('differs')).length > 0) await want(scratch.database, 'messages', 'accept');
        return stages('active');
      },
      { timeout: 20_000 },
    )
    .not.toEqual([before]);
};
/** Removes the first two messages from the log. */
const removeMessages = async (): Promise<void> => {
  await store.append(`$$${STREAM}`, [{ ...newEvent(), type: '$metadata', data: { $tb: 2 } }], 'any');
  await scavenge(log.connectionString);
};

/** Asks what these ids stand for, as a gateway that has forgotten all of them. */
const earlier = async (...ids: string[]): Promise<unknown[]> => {
  const window = new AcceptedWindow();
  window.prefill([], { at: Date.now() + 10 * LATER_MS, position: { commit: 0n, prepare: 0n } });
  const messages = new EarlierMessages(window, lookup, store);
  const found = await messages.find(
    ids.map((id) => ({ bot: BOT, id })),
    new Map(),
  );
  return found.map((one) => (one instanceof Error ? one.message : one));
};
const place = (seq: number): unknown => expect.objectContaining({ channel: 'room', seq });
const LOST = expect.stringContaining(
  'messages were removed from the log before the read model had seen them',
);

describe('ids of messages that are removed from the log', () => {
  it('are known from the rows that were made before, also after a rebuild, and after the next one', async () => {
    await project();
    expect(await earlier(RANDOM, OLD, LAST, uuidv4())).toEqual([place(0), place(1), place(2), 'none']);
    await removeMessages();
    for (let again = 0; again < 2; again += 1) {
      await rebuild();
      expect(await rows('messages')).toEqual([2]);
      expect(await rows('scavenged_messages')).toEqual([0, 1]);
      expect(await earlier(RANDOM, OLD, LAST, uuidv4())).toEqual([place(0), place(1), place(2), 'none']);
    }
  });

  it('are not given away by a read model that never had them: nobody can tell, and it says so', async () => {
    await project();
    expect(await rows('message_gaps')).toEqual([2]);
    const later = uuidv7({ msecs: Date.now() + LATER_MS });
    expect(await earlier(RANDOM, OLD, LAST, uuidv4(), later)).toEqual([LOST, LOST, place(2), LOST, 'none']);
  });

  it('are given away where the read model lacks only what an admin has set aside', async () => {
    await project();
    await scratch.database.rows(`UPDATE message_gaps SET first_missing = 2`);
    expect(await earlier(uuidv4())).toEqual(['none']);
  });
});

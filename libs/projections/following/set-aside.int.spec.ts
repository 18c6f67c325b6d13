import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counting } from '#test/support/counting-projection.js';
import { LogBuilder, MemoryLog, scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { want } from '../runner/control-store.js';
import { ProjectionRunner } from '../runner/projection-runner.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let log: MemoryLog;
let build: LogBuilder;
let runner: ProjectionRunner;
let failed: string[];

beforeEach(async () => {
  scratch = await scratchDatabase(postgres);
  log = new MemoryLog();
  build = new LogBuilder();
  failed = [];
  runner = new ProjectionRunner(counting(), log, scratch.stores, {
    heartbeatMs: 20,
    onRebuildFailed: (_, { message }) => failed.push(message),
  });
});
afterEach(async () => {
  await runner.stopProjection();
  await scratch.close();
});

const event = (body: string): PositionedEvent =>
  build.add('messages-ops', { type: 'MessagePosted', data: { body } });
const post = (body: string): void => log.append(event(body));
const forge = (): PositionedEvent => {
  const forged = { ...event('poison'), unreadable: 'field "id" is missing' };
  log.append(forged);
  return forged;
};
const decide = ({ stream, revision }: PositionedEvent): void =>
  log.setAside.setAside({ stream, revision, reason: 'r', keyId: 'k', at: '' });
const seen = async (): Promise<string> =>
  (await scratch.database.rows<{ body: string }>('SELECT body FROM seen ORDER BY position'))
    .map(({ body }) => body)
    .join('');
const generation = async (): Promise<number | undefined> =>
  (
    await scratch.database.rows<{ generation: number }>(
      `SELECT generation FROM projection_builds WHERE name = 'seen' AND active`,
    )
  )[0]?.generation;
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 });

describe('a projection at an event that nobody understands', () => {
  it('stops until the event is set aside, and then goes on by itself to the next such event', async () => {
    post('a');
    const first = forge();
    post('b');
    const second = forge();
    post('c');
    runner.start();
    await eventually(() =>
      expect(runner.status()).toMatchObject({ state: 'failed', reason: { position: first.position } }),
    );
    expect(await seen()).toBe('a');
    decide(first);
    await eventually(() => expect(runner.status().reason?.position).toEqual(second.position));
    expect(await seen()).toBe('ab');
    decide(second);
    await eventually(async () => expect(await seen()).toBe('abc'));
    expect(runner.status()).toMatchObject({ state: 'live', position: log.events.at(-1)!.position });
  });

  it('that was set aside before never stops, and moves its checkpoint past it', async () => {
    decide(forge());
    const last = forge();
    decide(last);
    runner.start();
    await eventually(() => expect(runner.status()).toMatchObject({ state: 'live', position: last.position }));
    expect(await seen()).toBe('');
  });

  it('fails in a rebuild, which starts over once the event is set aside', async () => {
    post('a');
    runner.start();
    await eventually(async () => expect(await seen()).toBe('a'));
    await runner.stopProjection();
    // These were applied under other rules, by which the stored event was good enough.
    log.events[0] = { ...log.events[0]!, unreadable: 'field "id" is missing' };
    runner = new ProjectionRunner(counting(), log, scratch.stores, {
      heartbeatMs: 20,
      onRebuildFailed: (_, { message }) => failed.push(message),
    });
    runner.start();
    await want(scratch.database, 'seen', 'accept');
    await eventually(() => expect(failed).toEqual([expect.stringContaining('messages-ops 0')]));
    expect(await seen()).toBe('a');
    decide(log.events[0]);
    await eventually(async () => expect([await seen(), await generation()]).toEqual(['', 3]));
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Rejection } from '#libs/domain/rejection.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { HealthRegistry } from '#libs/platform/health/health.registry.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { collect } from '../../test/support/collect.js';
import { startEventStore } from '../../test/support/event-store.js';
import { newEvent } from '../../test/support/new-event.js';
import { ChangeDirectoryCommand } from './change-directory.command.js';
import { ChangeDirectoryHandler } from './change-directory.handler.js';
import { DirectoryKeys } from './directory-keys.js';
import { DirectoryLife } from './directory-life.js';
import { DirectoryTails } from './directory-tails.js';
import { DIRECTORY_PREFIXES, Directory } from './directory.js';
import {
  DIRECTORY_SNAPSHOTS,
  DirectorySnapshots,
  DirectorySnapshotter,
} from './snapshot/directory-snapshots.js';
import type { TestEventStore } from '../../test/support/event-store.js';

const ACTOR = { kind: 'system' } as const;

const name = (): string => `n${randomUUID().slice(0, 8)}`;

describe('the directory on a log', () => {
  let server: TestEventStore;
  let store: EventStore;
  const running: DirectoryLife[] = [];
  beforeAll(async () => {
    server = await startEventStore();
    store = new EventStore({ connectionString: server.connectionString });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((life) => life.stopDirectory()));
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  /** Starts what one process has: a directory, and a list of the streams whose events its feed delivered. */
  const startProcess = async (partBytes?: number) => {
    const directory = new Directory();
    const feed = new LogFeed(store);
    const read: string[] = [];
    feed.listen({ prefixes: DIRECTORY_PREFIXES, onEvent: (event) => void directory.apply(event) });
    feed.listen({
      prefixes: [...DIRECTORY_PREFIXES, 'messages-'],
      onEvent: (event) => void read.push(event.stream),
    });
    const snapshots = new DirectorySnapshots(store, 'test', DIRECTORY_SNAPSHOTS, partBytes);
    const errors: Error[] = [];
    const snapshotter = new DirectorySnapshotter(
      feed,
      () => directory.state,
      snapshots,
      (error) => void errors.push(error),
    );
    const health = new HealthRegistry();
    const life = new DirectoryLife(store, feed, directory, snapshots, snapshotter, health);
    running.push(life);
    await life.start();
    const commands = new ChangeDirectoryHandler(store, directory, feed, { node: 'test' });
    const stop = (): Promise<void> => {
      running.splice(running.indexOf(life), 1);
      return life.stopDirectory();
    };
    return { directory, feed, commands, read, errors, health, stop };
  };
  const snapshotCount = async (): Promise<number> => {
    let newest = -1;
    for await (const { revision } of store.readStream(DIRECTORY_SNAPSHOTS.stream, {
      direction: 'backwards',
      limit: 1,
    }))
      newest = revision;
    return newest + 1;
  };

  it('lets the caller read its own write, and another process soon after', async () => {
    const [here, there] = [await startProcess(), await startProcess()];
    const bot = name();
    const { key, keyId, hash } = issueKey({ role: 'bot', bot });
    const position = await here.commands.execute(
      new ChangeDirectoryCommand({ type: 'RegisterBot', bot, keyId, hash }, ACTOR),
    );
    expect(here.directory.authenticate(key)).toEqual({ role: 'bot', bot, keyId });
    await there.feed.reached(position, 5_000);
    expect(there.directory.authenticate(key)).toEqual({ role: 'bot', bot, keyId });
  });

  it('lets one of two processes that register the same bot win, and tells the other', async () => {
    const processes = [await startProcess(), await startProcess()];
    const bot = name();
    const results = await Promise.allSettled(
      processes.map(({ commands }) =>
        commands.execute(
          new ChangeDirectoryCommand({ type: 'RegisterBot', bot, ...issueKey({ role: 'bot', bot }) }, ACTOR),
        ),
      ),
    );
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toEqual(new Rejection('already_exists', `A bot named "${bot}" exists already`));
  });

  it('keeps every change when two processes change one channel at the same time', async () => {
    const [here, there] = [await startProcess(), await startProcess()];
    const channel = name();
    await here.commands.execute(
      new ChangeDirectoryCommand({ type: 'OpenChannel', channel, visibility: 'public' }, ACTOR),
    );
    const bots = Array.from({ length: 40 }, name);
    await Promise.all(
      bots.map((bot, index) =>
        [here, there][index % 2]!.commands.execute(
          new ChangeDirectoryCommand({ type: 'AddMember', channel, bot, head: -1 }, ACTOR),
        ),
      ),
    );
    const position = await here.commands.execute(
      new ChangeDirectoryCommand({ type: 'ArchiveChannel', channel }, ACTOR),
    );
    await there.feed.reached(position, 5_000);
    for (const { directory } of [here, there]) {
      expect(directory.members(channel).toSorted()).toEqual(bots.toSorted());
      expect(directory.channel(channel).status).toBe('archived');
    }
  });

  it('decides by the newest state, not by what this process has seen so far', async () => {
    const [here, there] = [await startProcess(), await startProcess()];
    const channel = name();
    await here.commands.execute(
      new ChangeDirectoryCommand({ type: 'OpenChannel', channel, visibility: 'public' }, ACTOR),
    );
    await there.commands.execute(
      new ChangeDirectoryCommand({ type: 'JoinChannel', channel, bot: 'ada', head: -1 }, ACTOR),
    );
    expect(there.directory.channelsOf('ada')).toContain(channel);
    await here.commands.execute(
      new ChangeDirectoryCommand({ type: 'LeaveChannel', channel, bot: 'ada' }, ACTOR),
    );
    expect(here.directory.members(channel)).toEqual([]);
  });

  it('writes nothing for a command that changes nothing', async () => {
    const { commands, directory } = await startProcess();
    const channel = name();
    await commands.execute(
      new ChangeDirectoryCommand({ type: 'OpenChannel', channel, visibility: 'public' }, ACTOR),
    );
    for (let i = 0; i < 3; i += 1)
      await commands.execute(new ChangeDirectoryCommand({ type: 'ArchiveChannel', channel }, ACTOR));
    expect(directory.revisionOf(`channel-${channel}`)).toBe(1);
    await expect(
      commands.execute(new ChangeDirectoryCommand({ type: 'SuspendBot', bot: name() }, ACTOR)),
    ).rejects.toThrow(Rejection);
  });

  it('starts from the newest snapshot and reads only what came after it', async () => {
    const first = await startProcess();
    const channel = name();
    await first.commands.execute(
      new ChangeDirectoryCommand({ type: 'OpenChannel', channel, visibility: 'private' }, ACTOR),
    );
    await first.commands.execute(
      new ChangeDirectoryCommand({ type: 'AddMember', channel, bot: 'ada', head: 4 }, ACTOR),
    );
    await first.stop();
    await store.append(`messages-${channel}`, [newEvent()], 'any');
    const bot = name();
    const second = await startProcess();
    expect(second.read).toEqual([`messages-${channel}`]);
    expect(second.directory.channelsOf('ada')).toContain(channel);
    await second.commands.execute(
      new ChangeDirectoryCommand({ type: 'RegisterBot', bot, keyId: 'k', hash: 'h' }, ACTOR),
    );
    expect(second.directory.revisionOf(`channel-${channel}`)).toBe(1);
    expect(second.health.report()).toMatchObject({ ready: true });
  });

  it('adds no snapshot when nothing has changed', async () => {
    const first = await startProcess();
    await first.commands.execute(
      new ChangeDirectoryCommand({ type: 'RegisterBot', bot: name(), keyId: 'k', hash: 'h' }, ACTOR),
    );
    await first.stop();
    const before = await snapshotCount();
    await (await startProcess()).stop();
    expect(await snapshotCount()).toBe(before);
  });

  it('ignores a snapshot that was not finished, and keeps a few complete ones', async () => {
    const bots = Array.from({ length: 5 }, name);
    for (const bot of bots) {
      const process = await startProcess(200);
      await process.commands.execute(
        new ChangeDirectoryCommand({ type: 'RegisterBot', bot, keyId: 'k', hash: 'h' }, ACTOR),
      );
      await process.stop();
      expect(process.errors).toEqual([]);
    }
    const [newest] = await collect(
      store.readStream(DIRECTORY_SNAPSHOTS.stream, { direction: 'backwards', limit: 1 }),
    );
    const half = { ...(newest!.data as object), id: randomUUID(), rows: [] };
    await store.append(
      DIRECTORY_SNAPSHOTS.stream,
      [{ ...newEvent(), type: newest!.type, data: half }],
      'any',
    );
    const last = await startProcess(200);
    expect(last.read).toEqual([]);
    expect(bots.every((bot) => last.directory.bot(bot).status === 'active')).toBe(true);
  });

  it('finds a key issued elsewhere at once while 10,000 made-up ones are shown, which cost few reads', async () => {
    const [here, there] = [await startProcess(), await startProcess()];
    let reads = 0;
    const readStream: EventStore['readStream'] = (...args) => {
      reads += 1;
      return store.readStream(...args);
    };
    const keys = new DirectoryKeys(there.directory, new DirectoryTails({ readStream }, there.directory));
    const madeUp = Array.from({ length: 10_000 }, (_, index) =>
      keys.authenticateNew(issueKey({ role: 'bot', bot: `made-up-${index}` }).key, `address-${index % 500}`),
    );
    for (let index = 0; index < 10; index += 1) {
      const bot = name();
      const { key, keyId, hash } = issueKey({ role: 'bot', bot });
      await here.commands.execute(
        new ChangeDirectoryCommand({ type: 'RegisterBot', bot, keyId, hash }, ACTOR),
      );
      expect(keys.authenticate(key) ?? (await keys.authenticateNew(key, 'another'))).toMatchObject({ bot });
    }
    expect(new Set(await Promise.all(madeUp))).toEqual(new Set([undefined]));
    // The limits are 40 reads at once and 20 per second.
    expect(reads).toBeLessThan(40 + 20 * 10);
  });

  it('says that the store is down when it needs it, and keeps answering from memory', async () => {
    const { commands, directory, health } = await startProcess();
    const bot = name();
    const { key, keyId, hash } = issueKey({ role: 'bot', bot });
    await commands.execute(new ChangeDirectoryCommand({ type: 'RegisterBot', bot, keyId, hash }, ACTOR));
    await server.kill();
    await expect(
      commands.execute(new ChangeDirectoryCommand({ type: 'SuspendBot', bot }, ACTOR)),
    ).rejects.toThrow(StoreUnavailable);
    expect(directory.authenticate(key)).toEqual({ role: 'bot', bot, keyId });
    expect(health.report().ready).toBe(false);
    await server.restart();
  });
});

import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVerbatim, startVerbatim } from '#tools/harness/system/verbatim.js';
import { environmentFor, makeHome } from '#tools/harness/system/home.js';
import { freePort } from '#libs/platform/free-port.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import type { Home } from '#tools/harness/system/home.js';
import type { RunningProcess } from '#tools/harness/processes/running-process.js';
import { startEventStore } from '../support/event-store.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** Far more than a refusal takes, and less than a person would wait. */
const REFUSED_WITHIN_MS = 45_000;

/** Makes a home for one test, and removes everything that was started in it. */
const inHome = async (
  test: (home: Home, start: (env?: Record<string, string>) => RunningProcess) => Promise<void>,
): Promise<void> => {
  const home = await makeHome();
  const running: RunningProcess[] = [];
  const start = (env: Record<string, string> = {}): RunningProcess => {
    const started = runVerbatim(['start'], environmentFor(home, env));
    running.push(started);
    return started;
  };
  try {
    await test(home, start);
  } finally {
    for (const one of running) {
      one.tree.kill();
      await one.gone();
    }
    await home.remove();
  }
};

/**
 * Checks that a process that must fail ends by itself with an error, leaves no process, and says why without a stack.
 * Returns the lines that it printed.
 */
const refusal = async (started: RunningProcess): Promise<string[]> => {
  const { code } = await started.exitWithin(REFUSED_WITHIN_MS);
  expect(code).toBeGreaterThan(0);
  await started.gone();
  expect(started.output()).not.toMatch(/^\s+at /m);
  return started.output().trim().split('\n');
};

describe.concurrent(
  'a start that can’t succeed says why in one line, fails, and leaves nothing running',
  () => {
    it('on a port that is in use', () =>
      inHome(async (home, start) => {
        const squatter = createServer();
        await once(squatter.listen(home.port, '127.0.0.1'), 'listening');
        const lines = await refusal(start());
        squatter.close();
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(new RegExp(`${home.port}.*(in use|taken)`));
      }));

    it('with a data folder that can’t be made', () =>
      inHome(async (home, start) => {
        const file = join(home.dataDir, '..', 'file');
        await writeFile(file, 'no folder');
        const lines = await refusal(start({ VERBATIM_DATA_DIR: join(file, 'data') }));
        expect(lines).toHaveLength(1);
        expect(lines[0]).toContain(join(file, 'data'));
      }));

    it('with a data folder of another user', () =>
      inHome(async (home, start) => {
        await mkdir(home.dataDir);
        await writeFile(join(home.dataDir, 'thesis.txt'), 'precious');
        const lines = await refusal(start());
        expect(lines).toHaveLength(1);
        expect(lines[0]).toContain(home.dataDir);
        expect(await readFile(join(home.dataDir, 'thesis.txt'), 'utf8')).toBe('precious');
      }));

    it('with an event store that does not answer', () =>
      inHome(async (_home, start) => {
        const url = `esdb://127.0.0.1:${await freePort()}?tls=false`;
        const lines = await refusal(start({ VERBATIM_EVENTSTORE_URL: url }));
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/VERBATIM_EVENTSTORE_URL/);
      }));

    it('with a PostgreSQL that does not answer, without showing its password', () =>
      inHome(async (_home, start) => {
        const url = `postgres://someone:hunter2@127.0.0.1:${await freePort()}/verbatim`;
        const lines = await refusal(start({ VERBATIM_POSTGRES_URL: url }));
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/VERBATIM_POSTGRES_URL/);
        expect(lines[0]).not.toContain('hunter2');
      }));

    it('with two stores that can’t be used, naming both', () =>
      inHome(async (_home, start) => {
        const port = await freePort();
        const lines = await refusal(
          start({
            VERBATIM_EVENTSTORE_URL: `esdb://127.0.0.1:${port}?tls=false`,
            VERBATIM_POSTGRES_URL: `postgres://someone:hunter2@127.0.0.1:${port}/verbatim`,
          }),
        );
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/event store is not there.*PostgreSQL is not there/);
        expect(lines[0]).not.toContain('hunter2');
      }));

    it('with wrong settings, naming all of them at once', () =>
      inHome(async (_home, start) => {
        const wrong = { VERBATIM_PORT: 'eighty', VERBATIM_LOG_LEVEL: 'loud', VERBATIM_PROT: '80' };
        const lines = await refusal(start(wrong));
        for (const name of Object.keys(wrong)) {
          expect(lines.filter((line) => new RegExp(`\\b${name} `).test(line))).toHaveLength(1);
        }
        expect(lines.join('\n')).not.toMatch(/eighty|loud/);
      }));
  },
);

describe('Ctrl-C', () => {
  it('in the middle of starting leaves nothing running', () =>
    inHome(async (_home, start) => {
      const started = start();
      await waitFor('an engine', () => started.tree.living().length > 1, 20_000, 5);
      started.pressCtrlC();
      await started.exitWithin(20_000);
      await started.gone();
    }));
});

describe('over restarts', () => {
  let lasting: Home;
  let verbatim: Verbatim;
  let key: string;

  beforeAll(async () => {
    lasting = await makeHome();
    verbatim = await startVerbatim({ home: lasting });
    key = await verbatim.createBot('alice');
  });

  afterAll(async () => {
    await verbatim?.remove();
  });

  /** Posts once more, and resolves with everything that alice has of `general`. */
  const talk = async (body: string): Promise<string[]> => {
    const alice = await TestBot.connect(verbatim.url, { key, resume: { general: -1 } });
    const seq = await alice.say('general', body);
    await alice.untilSeq('general', seq);
    alice.close();
    return alice.messages('general').map((message) => message.body);
  };

  it('the first start makes an admin key that only its owner can read, and without a terminal says where it is', async () => {
    expect(verbatim.output()).not.toContain(verbatim.adminKey);
    expect(verbatim.output()).toContain(`kept in ${join(lasting.dataDir, 'admin.key')}`);
    expect((await stat(join(lasting.dataDir, 'admin.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(lasting.dataDir)).mode & 0o777).toBe(0o700);
    const joined = await TestBot.connect(verbatim.url, { key });
    await joined.must('join', { channel: 'general' });
    joined.close();
    expect(await talk('one')).toEqual(['one']);
  });

  it('a second process can’t use the data folder', async () => {
    const second = runVerbatim(['start'], environmentFor({ ...lasting, port: await freePort() }));
    const lines = await refusal(second);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(lasting.dataDir);
    expect(await talk('two')).toEqual(['one', 'two']);
  });

  it('Ctrl-C stops everything cleanly, and the next start has all messages', async () => {
    const before = verbatim.adminKey;
    expect(await verbatim.stopSystem()).toEqual({ code: 0, signal: null });
    verbatim = await startVerbatim({ home: lasting, readyMs: 15_000 });
    expect(verbatim.adminKey).toBe(before);
    expect(verbatim.output()).not.toContain(before);
    expect(await talk('three')).toEqual(['one', 'two', 'three']);
  });

  it('SIGKILL of the main process ends its engines within seconds, and the next start has all messages', async () => {
    await verbatim.kill();
    await verbatim.process.gone(10_000);
    verbatim = await startVerbatim({ home: lasting, readyMs: 20_000 });
    expect(await talk('four')).toEqual(['one', 'two', 'three', 'four']);
  });

  it('SIGKILL of everything at once loses nothing that was acknowledged', async () => {
    const alice = await TestBot.connect(verbatim.url, { key });
    await alice.say('general', 'five');
    await verbatim.killTree();
    alice.close();
    verbatim = await startVerbatim({ home: lasting, readyMs: 20_000 });
    expect(await talk('six')).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
  });
});

const until = (started: RunningProcess, words: RegExp) =>
  waitFor(String(words), () => words.test(started.output()), 40_000);

describe('a new data folder for a log that has admin keys', () => {
  it('is reported at the start and by commands, with working ways to get access', { timeout: 120_000 }, () =>
    inHome(async (first, start) => {
      const store = await startEventStore();
      const second = await makeHome();
      const env = { VERBATIM_EVENTSTORE_URL: store.connectionString };
      const command = async (more: Record<string, string> = {}): Promise<RunningProcess> => {
        const running = runVerbatim(['bot', 'create', 'alice'], environmentFor(second, { ...env, ...more }));
        await running.exitWithin(20_000);
        return running;
      };
      try {
        const original = start(env);
        await until(original, /Ctrl-C/);
        original.pressCtrlC();
        await original.exitWithin(30_000);

        const elsewhere = {
          ...env,
          VERBATIM_DATA_DIR: second.dataDir,
          VERBATIM_PORT: String(second.port),
        };
        const stranger = start(elsewhere);
        await until(stranger, /Ctrl-C/);
        expect(stranger.output()).toMatch(/None here/);
        expect(stranger.output()).not.toContain('bot create alice');
        expect((await command()).output()).toMatch(/VERBATIM_ADMIN_KEY set to a new key/);
        const kept = (await readFile(join(first.dataDir, 'admin.key'), 'utf8')).trim();
        expect((await command({ VERBATIM_KEY: kept })).output()).toContain('alice is registered');
        stranger.pressCtrlC();
        await stranger.exitWithin(30_000);

        const recovering = runVerbatim(['key', 'recover'], environmentFor(second, env));
        expect(await recovering.exitWithin(20_000)).toMatchObject({ code: 0 });
        const recovered = start(elsewhere);
        await until(recovered, /Ctrl-C/);
        const list = runVerbatim(['key', 'list'], environmentFor(second, env));
        await list.exitWithin(20_000);
        expect(list.output().match(/admin +valid/g)).toHaveLength(2);
        recovered.pressCtrlC();
        await recovered.exitWithin(30_000);
      } finally {
        await second.remove();
        await store.stop();
      }
    }),
  );
});

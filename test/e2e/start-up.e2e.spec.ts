import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, freePort, makeHome, runVerbatim, startVerbatim } from '#test/support/verbatim.js';
import type { Home, RunningProcess, Verbatim } from '#test/support/verbatim.js';
import { TestBot } from '#test/support/test-bot.js';

/** Far above what a refusal takes, and below what a person would wait for. */
const REFUSED_WITHIN_MS = 20_000;

let home: Home;
const running: RunningProcess[] = [];

beforeEach(async () => {
  home = await makeHome();
});

afterEach(async () => {
  for (const one of running.splice(0)) {
    one.tree.kill();
    await one.gone();
  }
  await home.remove();
});

const start = (
  env: Record<string, string> = {},
  at: Pick<Home, 'dataDir' | 'port'> = home,
): RunningProcess => {
  const started = runVerbatim(['start'], environmentFor(at, env));
  running.push(started);
  return started;
};

/** Starts what must fail: it ends by itself with an error, leaves no process, and says why without a stack. */
const refusedStart = async (...how: Parameters<typeof start>): Promise<string[]> => {
  const started = start(...how);
  const { code } = await started.exitWithin(REFUSED_WITHIN_MS);
  expect(code).toBeGreaterThan(0);
  await started.gone();
  expect(started.output()).not.toMatch(/^\s+at /m);
  return started.output().trim().split('\n');
};

describe('a start that can’t succeed says why in one line, fails and leaves nothing running', () => {
  it('on a port that is taken', async () => {
    const squatter = createServer();
    await once(squatter.listen(home.port, '127.0.0.1'), 'listening');
    const lines = await refusedStart();
    squatter.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`${home.port}.*(in use|taken)`));
  });

  it('with a data folder that can’t be made', async () => {
    const file = join(home.dataDir, '..', 'file');
    await writeFile(file, 'no folder');
    const lines = await refusedStart({ VERBATIM_DATA_DIR: join(file, 'data') });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(join(file, 'data'));
  });

  it('with a data folder that is somebody else’s', async () => {
    await mkdir(home.dataDir);
    await writeFile(join(home.dataDir, 'thesis.txt'), 'precious');
    const lines = await refusedStart();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(home.dataDir);
    expect(await readFile(join(home.dataDir, 'thesis.txt'), 'utf8')).toBe('precious');
  });

  it('with an event store that does not answer', async () => {
    const port = await freePort();
    const lines = await refusedStart({ VERBATIM_EVENTSTORE_URL: `esdb://127.0.0.1:${port}?tls=false` });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/VERBATIM_EVENTSTORE_URL|event store/i);
  });

  it('with a PostgreSQL that does not answer, keeping its password to itself', async () => {
    const url = `postgres://someone:hunter2@127.0.0.1:${await freePort()}/verbatim`;
    const lines = await refusedStart({ VERBATIM_POSTGRES_URL: url });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/VERBATIM_POSTGRES_URL|PostgreSQL/);
    expect(lines[0]).not.toContain('hunter2');
  });

  it('with wrong settings, all of them at once', async () => {
    const lines = await refusedStart({
      VERBATIM_PORT: 'eighty',
      VERBATIM_LOG_LEVEL: 'loud',
      VERBATIM_PROT: '80',
    });
    const said = lines.join('\n');
    for (const name of ['VERBATIM_PORT', 'VERBATIM_LOG_LEVEL', 'VERBATIM_PROT']) {
      expect(lines.filter((line) => new RegExp(`\\b${name} `).test(line))).toHaveLength(1);
    }
    expect(said).not.toMatch(/eighty|loud/);
  });
});

describe('Ctrl-C', () => {
  it('in the middle of starting leaves nothing running', async () => {
    const started = start();
    await expect
      .poll(() => started.tree.living().length, { timeout: 10_000, interval: 5 })
      .toBeGreaterThan(1);
    started.pressCtrlC();
    await started.exitWithin(20_000);
    await started.gone();
  });
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

  /** What alice has of `general`, after she posted once more. */
  const talk = async (body: string): Promise<string[]> => {
    const alice = await TestBot.connect(verbatim.url, { key, resume: { general: -1 } });
    const seq = await alice.say('general', body);
    await alice.untilSeq('general', seq);
    alice.close();
    return alice.messages('general').map((message) => message.body);
  };

  it('the first start makes an admin key, says it once, and keeps it for its owner only', async () => {
    expect(verbatim.output().split(verbatim.adminKey)).toHaveLength(2);
    expect((await stat(join(lasting.dataDir, 'admin.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(lasting.dataDir)).mode & 0o777).toBe(0o700);
    const joined = await TestBot.connect(verbatim.url, { key });
    await joined.must('join', { channel: 'general' });
    joined.close();
    expect(await talk('one')).toEqual(['one']);
  });

  it('a second process is kept out of the data folder', async () => {
    const lines = await refusedStart({}, { dataDir: lasting.dataDir, port: home.port });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(lasting.dataDir);
    expect(await talk('two')).toEqual(['one', 'two']);
  });

  it('Ctrl-C stops everything cleanly, and the next start has it all', async () => {
    const before = verbatim.adminKey;
    expect(await verbatim.stop()).toEqual({ code: 0, signal: null });
    verbatim = await startVerbatim({ home: lasting, readyMs: 15_000 });
    expect(verbatim.adminKey).toBe(before);
    expect(verbatim.output()).not.toContain(before);
    expect(await talk('three')).toEqual(['one', 'two', 'three']);
  });

  it('SIGKILL of the main process takes its engines along within seconds, and the next start has it all', async () => {
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

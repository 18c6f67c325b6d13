import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOfNode } from '#libs/embedded-event-store/access/store-access.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { killEngine } from '#tools/harness/system/engines.js';
import { environmentFor, makeHome } from '#tools/harness/system/home.js';
import { runVerbatim, startVerbatim, type Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { openToOthers } from '#test/support/local-user/everything-in.js';
import { pidWith } from '#test/support/local-user/processes.js';
import { secretsOf } from '#tools/harness/secrets/secrets-of.js';

/** Secrets of whoever starts the system. No engine needs them. */
const OURS = {
  VERBATIM_METRICS_TOKEN: 'metrics-token-of-the-operator',
  PGPASSWORD: 'password-of-another-database',
  NPM_TOKEN: 'token-of-a-registry',
};

/** Tests what an ordinary user sees of a system that he started: nothing of it is open to another user. */
describe('a system started with umask 0', () => {
  let verbatim: Verbatim;
  let storeDir: string;
  let alice: TestBot;

  beforeAll(async () => {
    const umask = process.umask(0);
    try {
      verbatim = await startVerbatim({ home: await makeHome(), env: OURS });
      storeDir = join(verbatim.home.dataDir, 'event-store');
      const made = runVerbatim(['bot', 'create', 'carol'], environmentFor(verbatim.home));
      expect(await made.exitWithin(20_000)).toMatchObject({ code: 0 });
    } finally {
      process.umask(umask);
    }
    const key = await verbatim.createBot('alice');
    alice = await TestBot.connect(verbatim.url, { key });
    await alice.must('join', { channel: 'general' });
    await alice.say('general', 'before');
  });

  afterAll(async () => {
    alice?.close();
    await verbatim?.remove();
  });

  const engines = (): number[] =>
    verbatim.process.tree.living().filter((pid) => pid !== verbatim.process.pid);

  it('leaves nothing in its data folder open to others', () => {
    expect(openToOthers(verbatim.home.dataDir)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('passes no secret of the user who started it to its engines', () => {
    // PostgreSQL overwrites its variables with process titles, but the store's are there as they were given.
    const store = pidWith(engines(), 'embedded-event-store/main.js');
    expect(readFileSync(`/proc/${store}/environ`, 'latin1')).toContain('PATH=');
    for (const pid of engines()) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      for (const [name, value] of Object.entries(OURS)) {
        expect(environment).not.toContain(name);
        expect(environment).not.toContain(value);
      }
    }
  });

  it.runIf(process.platform === 'linux')('has no secret in any argument or in what it prints', () => {
    const pids = verbatim.process.tree.living();
    const told = pids.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1')).join('\n');
    for (const secret of secretsOf(verbatim.home.dataDir)) {
      expect(told).not.toContain(secret);
      expect(verbatim.output()).not.toContain(secret);
    }
    expect(verbatim.output()).not.toMatch(/DEP0123|Warning/);
  });

  it('goes on with the same credentials when its store is killed while their files are missing or damaged', async () => {
    const known = accessOfNode(storeDir);
    await rm(join(storeDir, 'access', 'key.pem'));
    await writeFile(join(storeDir, 'access', 'password'), 'another-password-altogether');
    killEngine(verbatim, 'event store');
    await waitFor(
      'a post to be stored',
      () =>
        alice.say('general', 'after').then(
          () => true,
          () => false,
        ),
      20_000,
    );
    expect(accessOfNode(storeDir)).toEqual(known);
    expect(openToOthers(verbatim.home.dataDir)).toEqual([]);
  });

  it('leaves nothing open that it makes at a second start', async () => {
    await verbatim.stopSystem();
    const umask = process.umask(0);
    try {
      verbatim = await startVerbatim({ home: verbatim.home });
    } finally {
      process.umask(umask);
    }
    expect(openToOthers(verbatim.home.dataDir)).toEqual([]);
  });
});

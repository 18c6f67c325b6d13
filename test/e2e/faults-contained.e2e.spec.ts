import { mkdtemp, rm, writeFile, access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { signal } from '#tools/harness/processes/process-tree.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { Steady } from '#test/support/steady-bot.js';

const BOUNDARY = createRequire(import.meta.url).resolve('#libs/platform/faults/boundary.js');
const PLANTER = new URL('../support/plant-faults.mjs', import.meta.url).href;
const CHANNEL = 'general';

/** Boundaries that nothing enters while everything is well, each with the test that tries it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'sockets.intake': 'intake.unit.spec: only who sends more than it may is looked at again',
  'bots.transport': 'slow-consumers.int.spec: only who does not read waits for a transport',
  'log.deadline': 'deadlines.unit.spec: only posts that the store has not taken for 30 s',
  'log.silence': 'silence-watch.unit.spec: only a store that hangs',
  'log.writing': 'writing-state.unit.spec: only a store that refuses to write, or writes again',
  'bots.audit-log-key': 'audit-log-key.int.spec: only once, when a gateway starts',
  'audit.witnesses': 'witness.int.spec: only once, when the role audit starts',
  'http.stream': 'entered by an error event of Node itself',
  timer: 'the last boundary of timers whose owners have one',
  'tls.renewal': 'looks at files that only a system with TLS has',
  process: 'tried below as "uncaught" and "unhandled"',
};

/** Makes every handler throw once while bots talk. A fault costs at most one connection, one request or one attempt. */
describe('a bug in a handler', () => {
  let folder: string;
  let verbatim: Verbatim;
  let names: string[];
  const steady: Steady[] = [];
  let planted = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verbatim-faults-'));
    verbatim = await startVerbatim({
      env: {
        NODE_OPTIONS: `--import=${PLANTER}`,
        PLANT_FAULTS_FILE: join(folder, 'plant.json'),
        PLANT_FAULTS_BOUNDARY: pathToFileURL(BOUNDARY).href,
      },
    });
    for (const name of ['steady-1', 'steady-2', 'steady-3', 'steady-4']) {
      const key = await verbatim.createBot(name);
      await verbatim.addMember(CHANNEL, name);
      steady.push(new Steady(verbatim.url, key, CHANNEL));
    }
    await Promise.all(steady.map((bot) => bot.live()));
    names = [...(await faults()).keys()];
  });
  afterAll(async () => {
    for (const bot of steady) bot.close();
    await verbatim?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const faults = async (): Promise<Map<string, number>> => {
    const metrics = await (await fetch(`${verbatim.url}/metrics`)).text();
    const lines = metrics.matchAll(/^verbatim_faults_total\{where="(?<where>[^"]+)"\} (?<count>\d+)$/gm);
    return new Map([...lines].map(({ groups }) => [groups!['where']!, Number(groups!['count'])]));
  };

  const plant = async (where: string): Promise<void> => {
    const file = join(folder, 'plant.json');
    await rm(`${file}.armed`, { force: true });
    await writeFile(file, JSON.stringify([where]));
    signal(verbatim.process.pid, 'SIGUSR2');
    await waitFor(
      'the planter',
      () =>
        access(`${file}.armed`).then(
          () => true,
          () => false,
        ),
      5_000,
      5,
    );
    planted += 1;
  };

  const damage = (): number => steady.reduce((sum, { cuts, refusals }) => sum + cuts + refusals, 0);

  it('is planted at every boundary', () => {
    expect(names).toEqual(expect.arrayContaining(Object.keys(ELSEWHERE)));
    expect(names.length).toBeGreaterThan(20);
  });

  it('costs at most one connection, and is counted and logged with its stack, wherever it is', async () => {
    const busy = new Visitors(verbatim);
    const going = busy.run();
    try {
      for (const where of names.filter((name) => !(name in ELSEWHERE))) {
        const before = damage();
        await plant(where);
        await waitFor(
          `the fault at ${where}`,
          async () => ((await faults()).get(where) ?? 0) > 0,
          12_000,
          100,
        );
        await Promise.all(steady.map((bot) => bot.post(`after ${where}`)));
        expect(damage() - before, where).toBeLessThanOrEqual(1);
        expect(verbatim.output()).toMatch(new RegExp(`"where":"${where}".*planted at ${where}.*\\\\n +at `));
      }
    } finally {
      busy.stop();
      await going;
    }
  }, 180_000);

  it('is logged and counted if no handler’s boundary catches it, and the process goes on', async () => {
    for (const where of ['uncaught', 'unhandled']) {
      const before = (await faults()).get('process')!;
      await plant(where);
      await waitFor('the count', async () => (await faults()).get('process') === before + 1, 5_000, 20);
    }
    await waitFor('the log', () => verbatim.output().includes('planted at uncaught'), 5_000, 20);
  });

  it('loses and repeats nothing, and everything still works', async () => {
    await Promise.all(steady.map((bot) => bot.post('the last')));
    const head = Math.max(...steady.map((bot) => bot.seqs.at(-1)!));
    await waitFor('all to be level', () => steady.every((bot) => bot.seqs.at(-1) === head), 10_000, 20);
    for (const bot of steady) {
      expect(bot.seqs).toEqual(bot.seqs.map((_, index) => bot.seqs[0]! + index));
      expect(bot.bodies.filter((body) => body.startsWith(`${bot.tag} `))).toEqual(bot.posted);
    }
    expect(damage()).toBeLessThanOrEqual(planted);
    const health = await fetch(`${verbatim.url}/health/ready`);
    expect(health.status).toBe(200);
    const newcomer = await TestBot.connect(verbatim.url, { key: await verbatim.createBot('newcomer') });
    await newcomer.must('join', { channel: CHANNEL });
    await newcomer.untilCaughtUp(CHANNEL);
    newcomer.close();
  });
});

/**
 * Bots, consoles and auditors that come and go, so that every handler is entered. Errors that they meet are ignored.
 */
class Visitors {
  private stopped = false;
  private number = 0;

  constructor(private readonly verbatim: Verbatim) {}

  stop(): void {
    this.stopped = true;
  }

  async run(): Promise<void> {
    await Promise.all([this.loop(() => this.bot()), this.loop(() => this.person())]);
  }

  private async loop(visit: () => Promise<void>): Promise<void> {
    // It does not matter what a visit meets while a fault is planted: the test checks the counts of faults and the
    // steady bots.
    while (!this.stopped) await visit().catch(() => undefined);
  }

  private async bot(): Promise<void> {
    const name = `visitor-${(this.number += 1)}`;
    const key = await this.verbatim.createBot(name);
    await this.verbatim.addMember(CHANNEL, name);
    const socket = this.connect('/bots', { key, resume: { [CHANNEL]: 0 } }, this.number % 2 === 0);
    socket.on('backlog', (_: unknown, acknowledge: () => void) => acknowledge());
    try {
      await once(socket, 'caughtup');
      await socket.timeout(1_000).emitWithAck('post', { id: uuidv7(), channel: CHANNEL, body: name });
      await socket.timeout(1_000).emitWithAck('ack', { [CHANNEL]: 0 });
      await this.verbatim.request('DELETE', `/v1/channels/${CHANNEL}/members/${name}`);
    } finally {
      socket.disconnect();
    }
  }

  private async person(): Promise<void> {
    const key = this.verbatim.adminKey;
    const console = this.connect('/admin', { key });
    const auditor = this.connect('/audit', { key });
    console.on('changes', (_: unknown, acknowledge: () => void) => acknowledge());
    auditor.on('events', (_: unknown, acknowledge: () => void) => acknowledge());
    try {
      await Promise.all([once(console, 'changes'), once(auditor, 'connect')]);
      await Promise.all([once(auditor, 'end'), auditor.timeout(1_000).emitWithAck('replay', { limit: 10 })]);
      await this.verbatim.request('POST', '/v1/audit/verify', {});
      await this.leaveFollow(key);
    } finally {
      console.disconnect();
      auditor.disconnect();
    }
  }

  /** Follows the log over HTTP, and hangs up after the first bytes. */
  private async leaveFollow(key: string): Promise<void> {
    const ending = new AbortController();
    const headers = { authorization: `Bearer ${key}` };
    const options = { headers, signal: ending.signal };
    const response = await fetch(`${this.verbatim.url}/v1/audit/events?follow=true`, options);
    await response.body!.getReader().read();
    ending.abort();
  }

  private connect(namespace: string, auth: object, polling = false): Socket {
    const transports = polling ? ['polling'] : ['websocket'];
    return io(`${this.verbatim.url}${namespace}`, { auth, transports, reconnection: false, forceNew: true });
  }
}

const once = (socket: Socket, event: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`No ${event}`)), 3_000);
    socket.once(event, () => {
      clearTimeout(late);
      resolve();
    });
  });

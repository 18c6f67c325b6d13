import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

/** Debian's Python, which has Debian's python3-socketio. Another Python may come first in the path. */
const PYTHON = '/usr/bin/python3';

let verbatim: Verbatim;
beforeAll(async () => {
  verbatim = await startVerbatim();
});
afterAll(() => verbatim?.remove());

type Client = { process: ChildProcess; output(): string };

const client = (key: string, ...words: string[]): Client => {
  const child = spawn(PYTHON, ['examples/bot.py', ...words], {
    env: { ...process.env, KEY: key, URL: verbatim.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (printed += text.toString()));
  return { process: child, output: () => printed };
};

const say = async (key: string, ...words: string[]): Promise<string> => {
  const speaker = client(key, ...words);
  await once(speaker.process, 'close');
  return speaker.output().trim();
};

describe('the README’s Python client', () => {
  it('posts, loses its connection, and gets exactly what it missed', async () => {
    const alice = await verbatim.createBot('alice');
    const bob = await verbatim.createBot('bob');
    const listening = client(bob);
    try {
      expect(await say(alice, 'hello')).toBe('stored as #0');
      // The listener may have joined later, so only what it receives from here on counts.
      await waitFor(
        'bob to be live',
        async () => {
          await say(alice, 'are you there?');
          return listening.output().includes('are you there?');
        },
        20_000,
      );
      const before = seqsOf(listening.output());
      listening.process.kill('SIGKILL');
      await once(listening.process, 'close');
      const first = Number((await say(alice, 'one')).replace('stored as #', ''));
      await say(alice, 'two');
      await say(alice, 'three 🚀 你好');

      const back = client(bob);
      await waitFor('the backlog', () => back.output().includes('three 🚀 你好'), 20_000);
      back.process.kill('SIGKILL');
      await once(back.process, 'close');
      const after = seqsOf(back.output());
      expect(after.slice(after.indexOf(first))).toEqual([first, first + 1, first + 2]);
      expect(after[0]).toBeLessThanOrEqual(before.at(-1)! + 1);
    } finally {
      listening.process.kill('SIGKILL');
    }
  });

  it('says why it was refused', async () => {
    expect(await say('no-key', 'hello')).toContain('key');
  });
});

const seqsOf = (output: string): number[] => [...output.matchAll(/^#(\d+) /gm)].map(([, seq]) => Number(seq));

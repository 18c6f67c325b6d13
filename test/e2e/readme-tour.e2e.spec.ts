import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fencesOf, sectionOf } from '#test/support/markdown.js';
import type { Fence } from '#test/support/markdown.js';
import { ShellSession } from '#test/support/shell-session.js';
import { environmentFor, makeHome } from '#tools/harness/system/home.js';
import { RunningProcess } from '#tools/harness/processes/running-process.js';
import type { Home } from '#tools/harness/system/home.js';
import { waitFor } from '#tools/harness/wait-for.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let home: Home;
let server: RunningProcess;
let shell: ShellSession;
let fences: Fence[];

const url = (): string => `http://127.0.0.1:${home.port}`;
const isUp = (path: string): Promise<boolean> =>
  fetch(`${url()}${path}`).then(
    ({ ok }) => ok,
    () => false,
  );

beforeAll(async () => {
  home = await makeHome();
  fences = fencesOf(sectionOf(await readFile(`${ROOT}/README.md`, 'utf8'), 'A tour of five minutes'));
  server = new RunningProcess(['npm', 'start'], environmentFor(home));
  await waitFor('npm start to be ready', () => isUp('/health/ready'), 30_000);
  shell = new ShellSession(ROOT, environmentFor(home));
});

afterAll(async () => {
  await shell?.close();
  server?.tree.kill();
  await home?.remove();
});

/** Returns what the examples printed: messages, and what became of a post. */
const said = (text: string): string[] => text.split('\n').filter((line) => /^(#\d|stored as)/.test(line));

/** Types the blocks of the tour one by one. After each, exactly what the page says must be printed, and no more. */
const follow = async (): Promise<string[]> => {
  const expected: string[] = [];
  for (const [index, { language, text }] of fences.entries()) {
    if (language !== 'sh') continue;
    const next = fences[index + 1];
    if (next?.language === 'text') expected.push(...said(next.text));
    const mark = `done with block ${index}`;
    shell.type(`${text}\necho; echo "${mark}"`);
    await waitFor(
      `what block ${index} prints; so far:\n${shell.output}`,
      () => shell.output.includes(mark) && said(shell.output).length >= expected.length,
      20_000,
    );
    // Two processes print at the same time, so the order within a block may differ.
    expect(said(shell.output).toSorted()).toEqual(expected.toSorted());
  }
  return expected;
};

describe('the tour of the README', () => {
  it('does what it says, pasted block by block', async () => {
    const expected = await follow();
    expect(expected).toHaveLength(12);
    const answer = /^\{"items":.*$/m.exec(shell.output)?.[0];
    const { items } = JSON.parse(answer!) as { items: unknown[] };
    expect(items).toEqual([
      expect.objectContaining({ channel: 'general', bot: 'alice', seq: 4, body: 'You missed this.' }),
    ]);
    expect(await isUp('/docs')).toBe(true);
  }, 90_000);

  it('ends with Ctrl-C, and nothing is left running', async () => {
    await shell.close();
    server.pressCtrlC();
    await server.exitWithin(20_000);
    await server.gone();
    expect(server.output()).toContain('npm run verbatim -- bot create alice');
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { eventStoreCommand } from '#apps/cli/src/commands/event-store.command.js';
import { fencesOf, tableOf } from '#test/support/markdown.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const document = await readFile(join(ROOT, 'docs/embedded-event-store.md'), 'utf8');

it('The example in the document of the embedded event store does what it says', async () => {
  const { text } = fencesOf(document).find(({ language }) => language === 'js')!;
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-document-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', text], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
  });
  expect((await run).stdout).toBe('Opened Ada\n');
});

it('The document names every option of the command', () => {
  const named = tableOf(document, 'option').map(([option]) => option);
  const options = eventStoreCommand(() => {}).options.map(({ flags }) => `\`${flags}\``);
  expect(named).toEqual(options);
});

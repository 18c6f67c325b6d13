import { appendFile, copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNoteKey } from '#libs/audit-log/note/note-key.js';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { signedLog } from '#test/support/audit-log/signed-log.js';
import { startEventStore, type TestEventStore } from '#test/support/event-store.js';
import { newEvent } from '#test/support/new-event.js';
import { runVerbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';
import type { VerifyReport } from './verify-report.js';

let folder: string;
let server: TestEventStore;
let audit: TestAudit;
let key: string;

const at = (name: string): string => join(folder, name);

/** Runs a command, and resolves with its exit code and what it printed. */
const run = async (args: readonly string[], env: Record<string, string> = {}) => {
  const given = { VERBATIM_URL: audit.url, VERBATIM_KEY: 'auditor-key', ...env };
  const running = runVerbatim(['audit', ...args], { ...process.env, ...given });
  const { code } = await running.exitWithin(30_000);
  return { code, printed: running.output() };
};

/** Verifies and resolves with the exit code, what was printed, and the report as JSON. */
const verify = async (...args: string[]) => {
  const { code, printed } = await run(['verify', ...args, '--json', at('report.json')]);
  const report = JSON.parse(await readFile(at('report.json'), 'utf8')) as VerifyReport;
  await rm(at('report.json'));
  return { code, printed, report };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-verify-'));
  server = await startEventStore();
  audit = await startTestAudit(server.connectionString, { pace: { events: 10, ms: 50 } });
  for (let index = 0; index < 30; index += 1)
    await audit.store.append('messages-general', [newEvent(`number ${index}.`)], 'any');
  const { text } = await waitFor('a checkpoint', () => {
    const { served } = audit.keeper;
    return served && served.size >= 30 ? served : undefined;
  });
  key = audit.keeper.tree!.seen.key!;
  await writeFile(at('checkpoint'), text);
  await writeFile(at('key'), `${key}\n`);
  expect(await run(['export', '--out', at('log.ndjson')])).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await audit?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const KEPT = () => ['--checkpoint', at('checkpoint'), '--key', at('key')];

describe('an export', () => {
  it('is verified without a server, with the key as text or in a file', async () => {
    for (const given of [key, at('key')]) {
      const args = ['--export', at('log.ndjson'), '--checkpoint', at('checkpoint'), '--key', given];
      expect(await verify(...args)).toMatchObject({
        code: 0,
        printed: expect.stringContaining('Verified') as string,
        report: { result: 'verified', log: { keyWasGiven: true, checkpoints: { held: 1 }, findings: [] } },
      });
    }
  });

  /** What happens to a copy of the export, and what is said of it then. */
  const WRONG: Readonly<Record<string, [(file: string) => Promise<void>, number, RegExp]>> = {
    'a changed event': [
      async (file) => writeFile(file, (await readFile(file, 'utf8')).replace('number 7.', 'number 8.')),
      1,
      /NOT verified.* wrong position is one from \d+ \(revision .* to \d+/,
    ],
    'a missing line': [
      async (file) => writeFile(file, (await readFile(file, 'utf8')).replace(/^.*number 7\..*\n/m, '')),
      1,
      /gap .*revision 7 is missing in the stream/,
    ],
    'a missing end': [
      async (file) => writeFile(file, (await readFile(file, 'utf8')).split(/^(?=.*number 20\.)/m)[0]!),
      1,
      /cut_off .*The log ends after \d+ events, but .* covers \d+/,
    ],
    'a last line that was cut off': [(file) => truncate(file, 9_000), 2, /Line \d+ was cut off/],
    'a line of something else': [
      (file) => appendFile(file, 'position,stream\n'),
      2,
      /Line \d+ can't be read/,
    ],
    'nothing in it': [(file) => writeFile(file, ''), 1, /NOT verified.*The log has no events/],
    'no file': [(file) => rm(file), 2, /can't be read \(ENOENT\)/],
    'another log': [
      async (file) => {
        const line =
          '{"position":"1","stream":"messages-x","revision":0,"type":"T","id":"ID","time":"2026-01-01T00:00:00.000Z"}\n';
        await writeFile(file, line.replace('ID', '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f').repeat(40));
      },
      1,
      /NOT verified/,
    ],
  };

  it.each(Object.keys(WRONG))('is never verified with %s', async (what) => {
    const [change, code, printed] = WRONG[what]!;
    await copyFile(at('log.ndjson'), at('copy.ndjson'));
    await change(at('copy.ndjson'));
    const found = await verify('--export', at('copy.ndjson'), ...KEPT());
    expect(found.printed).toMatch(printed);
    expect(found.code).toBe(code);
    await rm(at('copy.ndjson'), { force: true });
  });

  it('is not judged when it is only a part, or there is nothing to compare it with', async () => {
    await run(['export', '--stream', 'messages-general', '--out', at('part.ndjson')]);
    await run(['export', '--format', 'csv', '--out', at('log.csv')]);
    for (const [args, why] of [
      [['--export', at('part.ndjson'), ...KEPT()], /was exported with --stream/],
      [['--export', at('log.csv'), ...KEPT()], /was exported with --format/],
      [['--export', at('log.ndjson')], /give --checkpoint/],
      [['--export', at('log.ndjson'), '--read-models', ...KEPT()], /has no read models/],
    ] as const)
      expect(await verify(...args)).toMatchObject({
        code: 2,
        report: { result: 'not_judged', why: expect.stringMatching(why) as string },
      });
  });
});

describe('what was kept', () => {
  it('is refused when it is of another log, under another key, or nothing of the kind', async () => {
    const other = signedLog(3, 3, makeNoteKey('verbatim/other').signer);
    const forged = signedLog(3, 3, makeNoteKey(key.split('+')[0]!).signer);
    await writeFile(at('other'), other.checkpoints[0]!.text);
    await writeFile(at('forged'), forged.checkpoints[0]!.text);
    for (const [args, why] of [
      [['--checkpoint', at('other'), '--key', key], /another log: verbatim\/other/],
      [['--checkpoint', at('other')], /another log|verbatim\/other/],
      [['--checkpoint', at('forged'), '--key', key], /is not signed by the key/],
      [['--checkpoint', at('log.ndjson')], /log\.ndjson can't be used/],
      [['--checkpoint', at('nothing')], /nothing can't be read \(ENOENT\)/],
      [['--checkpoint', at('checkpoint'), '--key', 'nonsense'], /nonsense can't be read/],
      [['--checkpoint', at('checkpoint'), '--key', at('checkpoint')], /The key can't be used/],
    ] as const)
      for (const source of [[], ['--export', at('log.ndjson')]]) {
        const found = await verify(...args, ...source);
        expect([found.code, found.report.result, found.report.why]).toEqual([
          2,
          'not_judged',
          expect.stringMatching(why),
        ]);
      }
  });
});

describe('a server', () => {
  it('verifies its own log, and the report is a page, too', async () => {
    const { code, report } = await verify(...KEPT(), '--html', at('report.html'));
    expect([code, report.log!.result]).toEqual([0, 'verified']);
    const page = await readFile(at('report.html'), 'utf8');
    expect(page).toContain('<h1>Verified');
    expect(page).not.toMatch(/<script|src=|href=/);
  });

  it('that does not answer, or refuses, has judged nothing', async () => {
    const away = await run(['verify', '--url', 'http://127.0.0.1:1']);
    expect(away).toMatchObject({ code: 2, printed: expect.stringContaining('No answer from') as string });
    expect(await run(['verify'], { VERBATIM_KEY: 'bot-key' })).toMatchObject({
      code: 2,
      printed: expect.stringContaining('not for bot keys') as string,
    });
    const unwritable = await run(['verify', '--json', at('no/such/folder')]);
    expect(unwritable).toMatchObject({ code: 2 });
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestAudit, type TestAudit } from '#test/support/audit-app.js';
import { startTestGateway, startTestLog, type TestGateway, type TestLog } from '#test/support/gateway-app.js';
import { changesBetween } from '#libs/time-travel/state-diff.js';
import type { LogState } from '#libs/time-travel/log-state.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { ApiClient } from '../client/api-client.js';
import { CommandFailed } from '../command-failed.js';
import { exportEvents } from './export-events.js';
import { placeTyped, statesAt } from './states-at.js';
import { changeLine, toldLine, toldOf } from './state-lines.js';

let log: TestLog;
let gateway: TestGateway;
let audit: TestAudit;
let folder: string;
let client: ApiClient;
/** What there was after each step, as the log's end was then. */
const after: LogState[] = [];

const endOfLog = async (): Promise<LogState> => (await statesAt(client, [undefined]))[0]!;
const positionOf = (state: LogState): string => toldOf(state).position!;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verbatim-test-states-'));
  log = await startTestLog();
  gateway = await startTestGateway(log);
  audit = await startTestAudit(log.connectionString);
  client = new ApiClient(audit.url, 'auditor-key');
  await gateway.channel('ops');
  const ann = await TestBot.connect(gateway.url, { key: await gateway.bot('ann') });
  await ann.must('join', { channel: 'ops' });
  after.push(await endOfLog());
  await ann.must('post', { id: uuidv7(), channel: 'ops', body: 'hello' });
  after.push(await endOfLog());
  await ann.must('leave', { channel: 'ops' });
  ann.close();
  after.push(await endOfLog());
});
afterAll(async () => {
  await audit?.stop();
  await gateway?.stop();
  await log?.stop();
  await rm(folder, { recursive: true, force: true });
});

const linesOf = (before: LogState, later: LogState): string[] =>
  changesBetween(before, later).map((change) => changeLine(change).replaceAll(/ +/g, ' '));

describe('the states of a log', () => {
  it('at places are those that there were then, from the server and from an export', async () => {
    const out = join(folder, 'log.ndjson');
    await exportEvents(client, out, {}, { compress: false, onProgress: () => undefined });
    const places = after.slice(0, 2).map((state) => placeTyped('--at', positionOf(state)));
    for (const source of [client, out]) {
      const states = await statesAt(source, places);
      expect(states.map(toldOf)).toEqual(after.slice(0, 2).map(toldOf));
      expect(states.map((state) => state.subjects())).toEqual(after.slice(0, 2).map((one) => one.subjects()));
    }
    const [byTime] = await statesAt(out, [placeTyped('--at', toldOf(after[1]!).time!)]);
    expect(byTime!.counts.events).toBeGreaterThanOrEqual(after[1]!.counts.events);
    expect(linesOf(after[1]!, byTime!)).toEqual([]);
    const [none] = await statesAt(out, [placeTyped('--at', '2001-01-01')]);
    expect(toldLine(toldOf(none!))).toBe('before the first event, after 0 events');
  });

  it('differ in what happened in between', () => {
    expect(linesOf(after[0]!, after[1]!)).toEqual(['+ messages ops head 0 posted 1 edited 0 redacted 0']);
    expect(linesOf(after[1]!, after[2]!)).toEqual([
      expect.stringMatching(/^- member ops\/ann since \S+ from -1$/),
    ]);
  });

  it('are refused in the wrong order, whatever kinds of places they are', async () => {
    const [first, , third] = after.map((state) => toldOf(state));
    for (const [later, earlier] of [
      [third!.position!, first!.position!],
      [third!.time!, '2001-01-01'],
      ['9000000000000', '8000000000000'],
      [third!.position!, '2001-01-01'],
    ] as const) {
      const places = [placeTyped('--from', later), placeTyped('--to', earlier)];
      await expect(statesAt(client, places)).rejects.toThrow('The later place lies before the earlier one');
    }
    expect(() => placeTyped('--at', 'yesterday')).toThrow(CommandFailed);
  });

  it('are refused of a file that is no whole export', async () => {
    const out = join(folder, 'whole.ndjson');
    await exportEvents(client, out, {}, { compress: false, onProgress: () => undefined });
    const whole = await readFile(out);
    const cut = join(folder, 'cut.ndjson');
    await writeFile(cut, whole.subarray(0, -5));
    await expect(statesAt(cut, [undefined])).rejects.toThrow('was cut off');
    await writeFile(cut, 'position,stream\r\n1,x\r\n');
    await expect(statesAt(cut, [undefined])).rejects.toThrow("Line 1 can't be read");
    await expect(statesAt(join(folder, 'none'), [undefined])).rejects.toThrow("can't be read (ENOENT)");
    const lines = whole.toString().split('\n');
    const lost = lines.filter((line) => !line.includes('"type":"BotRegistered"')).join('\n');
    await writeFile(cut, lost);
    const [state] = await statesAt(cut, [undefined]);
    expect(toldLine(toldOf(state!))).toMatch(/; 1 others are missing$/);
  });
});

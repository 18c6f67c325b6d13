import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { createProgram } from '../program.js';

let work: string;
let data: string;
beforeEach(async () => {
  work = mkdtempSync(join(tmpdir(), 'verbatim-cli-store-'));
  data = join(work, 'log');
  const store = await startEmbeddedEventStore({ dataDir: data });
  const client = EventStoreDBClient.connectionString(store.connectionString);
  for (let number = 0; number < 5; number += 1)
    await client.appendToStream('counted', jsonEvent({ type: 'Counted', data: { number } }));
  await client.dispose();
  await store.close();
});
afterEach(() => rmSync(work, { recursive: true }));

/** Runs a command and returns what it prints and its exit code. */
const run = async (...args: string[]): Promise<{ code: number; printed: string }> => {
  let [code, printed] = [0, ''];
  const spy = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((printed += String(text)), true));
  try {
    await createProgram((given) => (code = given)).parseAsync(['node', 'verbatim', 'event-store', ...args]);
  } finally {
    spy.mockRestore();
  }
  return { code, printed };
};

const flipIn = (text: string): void => {
  const file = join(
    data,
    readdirSync(data).find((name) => name.endsWith('.log'))!,
  );
  const bytes = readFileSync(file);
  bytes[bytes.indexOf(text)]! ^= 1;
  writeFileSync(file, bytes);
};

describe('the event store’s commands for damage', () => {
  it('say that an intact log is intact', async () => {
    const { code, printed } = await run('check', '--data', data);
    expect(code).toBe(0);
    expect(printed).toMatch(/6 events in 1 file .*\nThe log is intact\.\n$/u);
  });

  it('say that a damaged index will be rebuilt', async () => {
    writeFileSync(join(data, 'index.mdb'), Buffer.alloc(20_000, 0xa5));
    const { code, printed } = await run('check', '--data', data);
    expect(code).toBe(0);
    expect(printed).toMatch(/note: index\.mdb: .*; the next start rebuilds it\nThe log is intact/u);
  });

  it('name what is damaged, and copy the rest', async () => {
    flipIn('{"number":2}');
    const check = await run('check', '--data', data);
    expect(check.code).toBe(1);
    expect(check.printed).toMatch(
      /damaged: events-0000000000000256\.log, byte \d+, position \d+, \d+ bytes: .* revision 2 of stream counted\)\n.*repair/su,
    );
    const into = join(work, 'copy');
    const repair = await run('repair', '--data', data, '--into', into);
    expect(repair.printed).toMatch(/lost: revision 2 of stream counted\n5 intact events are in /u);
    expect(await run('check', '--data', into)).toMatchObject({ code: 0 });
    const { printed } = await run('check', '--data', data, '--json');
    expect(JSON.parse(printed)).toMatchObject({
      records: 5,
      damages: [{ position: expect.any(Number) as number }],
    });
  });

  it('leave alone a log that a store is running on, and a folder without a log', async () => {
    const store = await startEmbeddedEventStore({ dataDir: data });
    await expect(run('check', '--data', data)).rejects.toThrow(/in use by an event store/u);
    await expect(run('repair', '--data', data, '--into', join(work, 'copy'))).rejects.toThrow(/in use/u);
    await store.close();
    await expect(run('check', '--data', work)).rejects.toThrow(/holds no log/u);
    await expect(run('repair', '--data', data, '--into', work)).rejects.toThrow(/is not empty/u);
  });
});

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartRefused } from '../start-refused.js';
import { takeDataFolder } from './data-folder.js';
import { lostReadModels, requireLog } from './missing-parts.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'verbatim-parts-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const parts = () => ({
  eventStore: join(folder, 'event-store'),
  postgres: join(folder, 'postgres'),
  adminKey: join(folder, 'admin.key'),
});
const put = (...files: string[]): void => {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
};

describe('a data folder with a missing part', () => {
  it.each([
    ['nothing is there yet', [], false],
    ['its first start was cut short', ['postgres/cluster/PG_VERSION', 'verbatim.json'], false],
    [
      'all is there',
      ['admin.key', 'event-store/format.json', 'event-store/events-0000000000000256.log'],
      false,
    ],
    [
      'format.json alone is lost, which the store itself says',
      ['admin.key', 'event-store/events-0.log'],
      false,
    ],
    ['the log is lost', ['admin.key', 'postgres/cluster/PG_VERSION'], true],
    ['the log is lost but for its folder', ['admin.key', 'event-store/access/password'], true],
  ])('counts an empty log as a lost one only then: %s', (_, files, isLost) => {
    put(...files);
    const before = readdirSync(folder, { recursive: true });
    if (isLost) expect(() => requireLog(parts())).toThrow(StartRefused);
    else requireLog(parts());
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it('says that read models are created again, if there are any', () => {
    expect(lostReadModels(parts())).toBeUndefined();
    put('admin.key', 'event-store/format.json');
    expect(lostReadModels(parts())).toContain('built from the log');
    put('postgres/cluster/PG_VERSION');
    expect(lostReadModels(parts())).toBeUndefined();
  });

  it('can be told from a folder that is not ours', () => {
    put('event-store/format.json', 'admin.key');
    expect(() => takeDataFolder(folder)).toThrow(
      `verbatim.json is missing in ${folder}, which holds a log of Verbatim: put it back, with the text {"format":1}`,
    );
  });
});

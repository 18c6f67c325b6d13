import { mkdtemp, readdir, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hardeningReport } from '#test/support/hardening/hardening-report.js';
import { phaseReport } from '#test/support/hardening/phase-report.js';
import { writeReport } from './write-report.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'verbatim-test-report-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('a written report', () => {
  it('is a folder with the three forms and the plots, and nothing else', async () => {
    const out = join(dir, 'new', 'folder');
    const report = hardeningReport();
    await writeReport(report, out);
    expect((await readdir(out)).toSorted()).toEqual(['plots', 'report.html', 'report.json', 'report.md']);
    expect(await readdir(join(out, 'plots'))).toContain('load.memory.svg');
    const read = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as { phases: unknown[] };
    expect(read.phases).toHaveLength(report.phases.length);
  });

  it('replaces the report of an earlier run', async () => {
    await writeReport(hardeningReport(), dir);
    await writeReport(hardeningReport({ phases: [phaseReport()] }), dir);
    expect(await readdir(join(dir, 'plots'))).toEqual([]);
    expect(await readFile(join(dir, 'report.md'), 'utf8')).toContain('nothing is proved');
  });

  it('that could not be written leaves no report.json, neither half of one nor one of an earlier run', async () => {
    await writeReport(hardeningReport(), dir);
    await rm(join(dir, 'report.html'));
    await mkdir(join(dir, 'report.html'));
    await writeFile(join(dir, 'report.html', 'in-the-way'), '');
    await expect(writeReport(hardeningReport(), dir)).rejects.toThrow(/report\.html/);
    const left = await readdir(dir);
    expect(left).not.toContain('report.json');
    expect(left.filter((name) => name.startsWith('.report-'))).toEqual([]);
  });
});

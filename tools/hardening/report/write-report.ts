import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HardeningReport } from './hardening-report.js';
import { plotPaths } from './pages/names.js';
import { reportHtml } from './pages/report-html.js';
import { reportMd } from './pages/report-md.js';
import { plotFile } from './plot/plot-svg.js';

/**
 * Writes `report.json`, `report.md` with its `plots/`, and `report.html` into a folder, created if needed. Replaces
 * the report of an earlier run. `report.json` comes last, and is either complete or absent: if it is there, the others are
 * there too, from the same run.
 */
export const writeReport = async (report: HardeningReport, dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true });
  const aside = await mkdtemp(join(dir, '.report-'));
  try {
    await mkdir(join(aside, 'plots'));
    for (const [plot, path] of plotPaths(report)) await writeSynced(join(aside, path), plotFile(plot));
    await writeSynced(join(aside, 'report.md'), reportMd(report));
    await writeSynced(join(aside, 'report.html'), reportHtml(report));
    await writeSynced(join(aside, 'report.json'), `${JSON.stringify(report)}\n`);
    await rm(join(dir, 'report.json'), { force: true });
    await rm(join(dir, 'plots'), { recursive: true, force: true });
    for (const name of ['plots', 'report.md', 'report.html', 'report.json'])
      await rename(join(aside, name), join(dir, name));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
};

const writeSynced = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

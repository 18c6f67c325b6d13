import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import type { Machine } from '../report/hardening-report.js';

const MAIN = createRequire(import.meta.url).resolve('#apps/cli/src/main.js');

/** Returns the version of Verbatim and facts about the machine, without which the figures mean nothing. */
export const surroundings = async (): Promise<Readonly<{ version: string; machine: Machine }>> => ({
  version: await versionAbove(dirname(MAIN)),
  machine: {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
    loadAverage: Math.round(loadavg()[0]! * 100) / 100,
  },
});

/** Returns the version of the package that contains a folder. */
const versionAbove = async (folder: string): Promise<string> => {
  try {
    return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return versionAbove(dirname(folder));
  }
};

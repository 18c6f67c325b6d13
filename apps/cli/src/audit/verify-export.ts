import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { UnfitInput } from '#libs/audit-verify/checkpoints/held-checkpoint.js';
import { exportedEvents } from '#libs/audit-verify/source/export-events.js';
import { verifyLog } from '#libs/audit-verify/verify-log.js';
import type { Verification } from '#libs/audit-verify/verification.js';
import { queryFileOf } from './export-query.js';
import { progressOf, type Progress } from './progress.js';
import type { Kept } from './verify-inputs.js';

/**
 * Verifies a log from an export of it, without a server.
 *
 * @throws UnfitInput when the file is no whole export of a log, or does not fit what was kept
 */
export const verifyExport = async (
  file: string,
  kept: Kept,
  onProgress: (progress: Progress) => void,
): Promise<Verification> => {
  await requireWholeLog(file);
  const opened = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new UnfitInput(`${file} can't be read (${error.code})`, { cause: error });
  });
  try {
    const last = BigInt((await opened.stat()).size);
    const began = performance.now();
    let bytes = 0;
    const events = exportedEvents(opened, (read) => (bytes = read));
    return await verifyLog(events, {
      ...kept,
      scratch: tmpdir(),
      onProgress: (soFar) => {
        const seconds = (performance.now() - began) / 1_000;
        onProgress(progressOf({ events: soFar.events, seconds, first: 0n, last, at: BigInt(bytes) }));
      },
    });
  } finally {
    await opened.close();
  }
};

/**
 * Checks that an export was not made of a part of the log, if its query is still beside it. A part is not what was
 * signed.
 *
 * @throws UnfitInput naming an option that leaves events out
 */
const requireWholeLog = async (file: string): Promise<void> => {
  const noted = await readFile(queryFileOf(file), 'utf8').catch(() => '{}');
  const { format = 'ndjson', direction = 'forwards', ...others } = queryIn(noted);
  const [option] = Object.keys(others);
  if (option !== undefined || format !== 'ndjson' || direction !== 'forwards')
    throw new UnfitInput(
      `${file} was exported with --${option ?? (format === 'ndjson' ? 'direction' : 'format')}: only a whole export in the format ndjson can be verified`,
    );
};

const queryIn = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
};

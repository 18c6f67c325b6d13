import { createReadStream } from 'node:fs';
import type { ApiClient } from '../client/api-client.js';
import { CommandFailed } from '../command-failed.js';
import { noteQuery, requireSameQuery } from './export-query.js';
import { LineMeter } from './line-meter.js';
import { lastPositionIn, openPartial, type PartialFile } from './partial-file.js';
import { positionIn } from './position-in.js';
import { progressOf, type Progress } from './progress.js';
import { replayPath, type ReplayOptions } from './replay-query.js';
import { Interval, UNGUARDED } from '#libs/time/interval.js';

export type Exported = Readonly<{
  out: string;
  events: number;
  bytes: number;
  position?: string;
  seconds: number;
}>;

const TICK_MS = 500;
/** How many bytes are collected before they are written. More arrive while they are being written. */
const WRITE_BYTES = 512 * 1024;

/**
 * The part of the log to write, fixed when the export starts: the positions of its first and last event in
 * reading order.
 */
type Part = Readonly<{ first: string; last: string }>;

/**
 * Writes the selected events to a file, and continues an existing file after its last complete line. Events
 * that are appended to the log meanwhile are left for the next run, so that the export ends.
 *
 * @throws CommandFailed when the export was cut short; the same command continues it
 */
export const exportEvents = async (
  client: ApiClient,
  out: string,
  options: ReplayOptions,
  o: Readonly<{ compress: boolean; onProgress(progress: Progress): void }>,
): Promise<Exported> => {
  const part = await partOf(client, options);
  await requireSameQuery(out, options);
  const partial = await openPartial(out);
  const began = performance.now();
  const meter = new LineMeter();
  const tell = (): void => o.onProgress(progressNow(meter, part, partial, began));
  const progress = new Interval(TICK_MS, tell, UNGUARDED).start();
  let position: string | undefined;
  try {
    await noteQuery(out, options);
    const left = await eventsLeft(out, options, partial);
    if (part && left !== 0)
      await fetchInto(client, partial, meter, exportPath(options, part, partial, left), o.compress);
    await partial.file.sync();
    position = await lastPositionIn(partial.file);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`Cut off after ${meter.lines} events: run the same command again to continue`);
  } finally {
    void progress.stop();
    await partial.file.close();
  }
  return {
    out,
    events: meter.lines - headings(options, partial, meter),
    bytes: partial.bytes + meter.bytes,
    ...(position === undefined ? {} : { position }),
    seconds: Math.round(performance.now() - began) / 1_000,
  };
};

/**
 * Returns the part of the log that the options select, or undefined when they select no event.
 *
 * @throws CommandFailed when the server refuses the options or does not answer
 */
const partOf = async (client: ApiClient, options: ReplayOptions): Promise<Part | undefined> => {
  const backwards = options.direction === 'backwards';
  const { limit: _, direction: __, format: ___, ...part } = options;
  const edge = async (direction: string): Promise<string | undefined> => {
    const response = await client.stream(replayPath(part, { direction, limit: '1' }));
    return positionIn(await response.text());
  };
  const [oldest, newest] = [await edge('forwards'), await edge('backwards')];
  if (oldest === undefined || newest === undefined) return undefined;
  return backwards ? { first: newest, last: oldest } : { first: oldest, last: newest };
};

/** Returns how many events up to the limit are not in the file yet, or undefined if no limit was given. */
const eventsLeft = async (
  out: string,
  { limit, format }: ReplayOptions,
  { after }: PartialFile,
): Promise<number | undefined> => {
  if (limit === undefined || after === undefined) return undefined;
  const meter = new LineMeter();
  for await (const chunk of createReadStream(out) as AsyncIterable<Buffer>) meter.countLines(chunk);
  return Math.max(0, Number(limit) - meter.lines + (isCsv(format) ? 1 : 0));
};

const exportPath = (options: ReplayOptions, part: Part, { after }: PartialFile, left?: number): string =>
  replayPath(options, {
    ...(left === undefined ? {} : { limit: String(left) }),
    ...(after === undefined ? {} : { after }),
    // `to` is exclusive, so it is the place just after the last event.
    ...(options.to === undefined && options.direction !== 'backwards'
      ? { to: `${BigInt(part.last) + 1n}` }
      : {}),
  });

const fetchInto = async (
  client: ApiClient,
  { file }: PartialFile,
  meter: LineMeter,
  path: string,
  compress: boolean,
): Promise<void> => {
  const response = await client.stream(path, compress ? 'gzip' : 'identity');
  let writing = Promise.resolve();
  let waiting: Buffer[] = [];
  let bytes = 0;
  const write = async (chunks: readonly Buffer[]): Promise<void> => {
    await file.appendFile(Buffer.concat(chunks));
    for (const chunk of chunks) meter.countLines(chunk);
  };
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      waiting.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if ((bytes += chunk.byteLength) < WRITE_BYTES) continue;
      await writing;
      writing = write(waiting);
      writing.catch(() => undefined); // a failure surfaces where the write is awaited
      [waiting, bytes] = [[], 0];
    }
  } finally {
    await writing;
    if (waiting.length > 0) await write(waiting);
  }
};

const progressNow = (
  meter: LineMeter,
  part: Part | undefined,
  { after }: PartialFile,
  began: number,
): Progress => {
  const first = BigInt(after ?? part?.first ?? 0);
  return progressOf({
    events: meter.lines,
    seconds: (performance.now() - began) / 1_000,
    first,
    last: BigInt(part?.last ?? 0),
    at: BigInt(meter.position() ?? first),
  });
};

/** Returns how many lines of the export are the heading of CSV, which is not an event. */
const headings = ({ format }: ReplayOptions, { after }: PartialFile, { lines }: LineMeter): number =>
  isCsv(format) && after === undefined && lines > 0 ? 1 : 0;

/** Returns whether the format has a line of column names before the first event. */
const isCsv = (format: string | undefined): boolean => format === 'csv' || format === 'spreadsheet';

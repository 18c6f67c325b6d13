import type { ApiClient } from '../client/api-client.js';
import { CommandFailed } from '../command-failed.js';
import { LineMeter } from './line-meter.js';
import { lastPositionIn, openPartial, type PartialFile } from './partial-file.js';
import { positionIn } from './position-in.js';
import { progressOf, type Progress } from './progress.js';
import { replayPath, type ReplayOptions } from './replay-query.js';

export type Exported = Readonly<{
  out: string;
  events: number;
  bytes: number;
  position?: string;
  seconds: number;
}>;

const TICK_MS = 500;

/** The part of the log to be written, as it is now: positions of its first and last event in reading order. */
type Part = Readonly<{ first: string; last: string }>;

/**
 * Writes the events asked for into a file, going on after its last whole line. What is appended to the log meanwhile is
 * left for the next time, so that it ends.
 *
 * @throws CommandFailed when it was cut short: the same command goes on with it
 */
export const exportEvents = async (
  client: ApiClient,
  out: string,
  options: ReplayOptions,
  o: Readonly<{ compress: boolean; onProgress(progress: Progress): void }>,
): Promise<Exported> => {
  const part = await partOf(client, options);
  const partial = await openPartial(out);
  const began = performance.now();
  const meter = new LineMeter();
  const progress = setInterval(() => o.onProgress(progressNow(meter, part, partial, began)), TICK_MS);
  let position: string | undefined;
  try {
    if (part) await fetchInto(client, partial, meter, exportPath(options, part, partial), o.compress);
    await partial.file.sync();
    position = await lastPositionIn(partial.file);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`Cut off after ${meter.lines} events: run the same command again to go on`);
  } finally {
    clearInterval(progress);
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

/** Undefined when there is nothing. @throws CommandFailed */
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

const exportPath = (options: ReplayOptions, part: Part, { after }: PartialFile): string =>
  replayPath(options, {
    ...(after === undefined ? {} : { after }),
    // Exclusive: the place behind the last event.
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
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    await file.appendFile(chunk);
    meter.add(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
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

/** The heading of CSV is no event. */
const headings = ({ format }: ReplayOptions, { after }: PartialFile, { lines }: LineMeter): number =>
  format === 'csv' && after === undefined && lines > 0 ? 1 : 0;

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RecentEventIds } from '#libs/embedded-event-store/rules/recent-event-ids.js';
import { AppendGroup } from '#libs/embedded-event-store/storage/append-group.js';
import { takeDataFolder } from '#libs/embedded-event-store/storage/data-folder.js';
import { EventLog } from '#libs/embedded-event-store/storage/event-log.js';

const SEGMENTS = 4;
const GROUPS = 8;
const STREAMS = ['a', 'b', 'c'];

/** An event whose append was acknowledged. */
export interface Kept {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly record: Buffer;
}

/** A log of several segments as a store left it that was closed. Its second segment was scavenged. */
export interface WholeLog {
  readonly folder: string;
  readonly events: readonly Kept[];
  readonly files: ReadonlyMap<string, Buffer>;
}

const event = (bytes: number) => ({
  id: randomBytes(16),
  type: 'Happened',
  isJson: true,
  data: Buffer.from(JSON.stringify('x'.repeat(bytes))),
  metadata: Buffer.from('{"by":"a test"}'),
});

export const append = async (log: EventLog, streams: readonly string[]): Promise<void> => {
  const group = new AppendGroup(log, new RecentEventIds(), 1_700_000_000_000);
  for (const [i, stream] of streams.entries())
    group.apply({ kind: 'append', stream, expected: 'any', events: [event(40 * i), event(10)] });
  await log.commit(group);
};

export const makeWholeLog = async (folder: string): Promise<WholeLog> => {
  mkdirSync(folder, { recursive: true });
  const lock = takeDataFolder(folder);
  const log = new EventLog(folder);
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    for (let i = 0; i < GROUPS; i += 1) await append(log, STREAMS.slice(0, 1 + (i % STREAMS.length)));
    if (segment < SEGMENTS - 1) log.endSegment();
  }
  const [, second] = await log.completeSegments();
  // Scavenging normally takes the oldest events of a stream. Here it takes all of "c", so that gaps are left.
  await log.scavenge(second!, ({ stream }) => stream !== 'c');
  const events = log.readAll(0, 'forwards', Infinity).map(({ stream, revision, position, record }) => ({
    stream,
    revision,
    position,
    record: Buffer.from(record),
  }));
  await log.close();
  lock.release();
  const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  return { folder, events, files };
};

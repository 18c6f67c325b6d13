import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { START } from '@eventstore/db-client';
import { describe, expect, inject, it } from 'vitest';
import { Recorder } from './recorder/recorder.js';
import { Scenario } from './recorder/scenario.js';
import { CHANGES } from './recorder/scenarios/changes.js';
import { FILTERED } from './recorder/scenarios/filtered.js';
import { ON_ALL } from './recorder/scenarios/all.js';
import { ON_A_NEW_LOG } from './recorder/scenarios/new-log.js';
import { ON_STREAMS } from './recorder/scenarios/streams.js';
import { streamsOf } from './recorder/server.js';
import { recordings, recordingOf } from './recorder/recording.js';
import { connect } from './support/connect.js';
import { collect } from './support/streams.js';

const client = connect();
const version = inject('eventStoreVersion');
const recording = recordingOf(version);
const scenarios = { ...ON_A_NEW_LOG, ...FILTERED, ...ON_ALL, ...ON_STREAMS, ...CHANGES };
const isCheckpoint = (line: string): boolean => line.startsWith('checkpoint');

/**
 * More events than any scenario makes. The read must reach its end, because the client waits for a read that is left
 * early.
 */
const ENOUGH = 500;

/** Whether the log holds other events among those of a scenario, or before it began. Then checkpoints lie elsewhere. */
const hasOthers = async (s: Scenario, isFirst: boolean): Promise<boolean> => {
  const { first, last } = s.span ?? { first: 0n, last: 0n };
  const fromPosition = isFirst ? START : { commit: first, prepare: first };
  const around = await collect(client.readAll({ fromPosition, maxCount: ENOUGH }));
  return around.some(({ event }) => {
    if (!event?.position || event.position.commit > last || s.owns(event.streamId)) return false;
    return !isFirst || !event.streamId.startsWith('$');
  });
};

describe(`a server of version ${version} answers as one of ${recording?.server.version ?? 'none'} was recorded`, () => {
  for (const [name, run] of Object.entries(scenarios))
    it(name, async () => {
      const wanted = recording?.scenarios[name];
      const s = new Scenario(wanted);
      await run(new Recorder(await streamsOf(client), s));
      if (!wanted) return;
      const others = await hasOthers(s, name in ON_A_NEW_LOG);
      const comparable = (lines: readonly string[]): string[] =>
        lines.filter((line) => !others || !isCheckpoint(line));
      expect(comparable(s.lines)).toEqual(comparable(wanted));
    });
});

describe('the recordings', () => {
  it('have every scenario, and no other', () => {
    for (const { scenarios: recorded } of recordings)
      expect(Object.keys(recorded).toSorted()).toEqual(Object.keys(scenarios).toSorted());
  });

  it('match the originals, if those lie next to the repository', () => {
    const [made, copies] = ['../../../shared/real-store/', './recorded/'].map((path) =>
      fileURLToPath(new URL(path, import.meta.url)),
    ) as [string, string];
    if (!existsSync(made)) return;
    for (const file of readdirSync(copies).filter((name) => name.endsWith('.json')))
      expect(readFileSync(`${copies}${file}`, 'utf8')).toBe(readFileSync(`${made}${file}`, 'utf8'));
  });
});

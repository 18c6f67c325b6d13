import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

const client = connect();
const version = inject('eventStoreVersion');
const recording = recordingOf(version);
const scenarios = { ...ON_A_NEW_LOG, ...FILTERED, ...ON_ALL, ...ON_STREAMS, ...CHANGES };
const isCheckpoint = (line: string): boolean => line.startsWith('checkpoint');

/** Where a log holds events of others among those of a scenario, or before it began, checkpoints lie elsewhere. */
const hasOthers = async (s: Scenario, isFirst: boolean): Promise<boolean> => {
  const { first, last } = s.span ?? { first: 0n, last: 0n };
  const from = isFirst ? 'start' : { commit: first, prepare: first };
  for await (const { event } of client.readAll({ fromPosition: from })) {
    if (!event?.position) continue;
    if (event.position.commit > last) return false;
    if (!s.owns(event.streamId) && !(isFirst && event.streamId.startsWith('$'))) return true;
  }
  return false;
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

  it('are those that were made, where they lie beside the repository', () => {
    const [made, copies] = ['../../../shared/real-store/', './recorded/'].map((path) =>
      fileURLToPath(new URL(path, import.meta.url)),
    ) as [string, string];
    if (!existsSync(made)) return;
    for (const file of readdirSync(copies).filter((name) => name.endsWith('.json')))
      expect(readFileSync(`${copies}${file}`, 'utf8')).toBe(readFileSync(`${made}${file}`, 'utf8'));
  });
});

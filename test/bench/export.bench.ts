import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedEventStore } from '#libs/embedded-event-store/embedded-event-store.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { newEvent } from '../support/new-event.js';
import { signal } from '#tools/harness/processes/process-tree.js';
import { environmentFor } from '#tools/harness/system/home.js';
import { freePort } from '#libs/platform/free-port.js';
import { RunningProcess } from '#tools/harness/processes/running-process.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { fillLog } from './fill-log.js';
import { printTable, say } from './harness/results.js';
import { forgetPeak, keepCheckpoint, peakOf, runVerify, type VerifyRun } from './load/verify-runs.js';
import { median, round } from '#tools/harness/measure/statistics.js';

export type ExportOptions = Readonly<{ keep: string; events: number; runs: number }>;

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
const RAW_READ = fileURLToPath(new URL('load/raw-read.process.js', import.meta.url));
const CHANNELS = 100;

type System = Readonly<{
  connectionString: string;
  url: string;
  key: string;
  audit: RunningProcess;
  stop(): Promise<void>;
}>;
type Reading = Readonly<{ events: number; seconds: number }>;

/**
 * Measures an export of the whole log by the command line, next to a bare read of it, and an export that is killed
 * half-way and resumed.
 */
export const exportBench = async ({ keep, events, runs }: ExportOptions): Promise<object> => {
  const folder = join(keep, `events-of-${events}`);
  const key = await filledFolder(folder, events);
  const out = join(keep, 'export.ndjson');
  const system = await startRole(folder, key);
  try {
    const to = await endOf(system);
    const [raw, exported]: [Reading[], Reading[]] = [[], []];
    const [target, checkpoint] = [{ main: MAIN, ...system }, join(keep, 'checkpoint')];
    await keepCheckpoint(target, checkpoint, events);
    forgetPeak(system.audit.pid);
    for (let run = 0; run < runs; run += 1) {
      raw.push(await rawRead(system));
      await rm(out, { force: true });
      exported.push(await runExport(system, out, to));
    }
    const exportPeakMiB = round(peakOf(system.audit.pid), 0);
    const whole = await hashOf(out);
    const size = (await stat(out)).size;
    await rm(out);
    forgetPeak(system.audit.pid);
    const verified = await verifyRuns(system, { keep, checkpoint, runs });
    const verifyPeakMiB = round(peakOf(system.audit.pid), 0);
    const killedAt = await killedHalfWay(system, out, to, size);
    await runExport(system, out, to);
    const identical = (await hashOf(out)) === whole;
    const ratio = round(median(exported.map(rateOf)) / median(raw.map(rateOf)));
    printTable('The whole log, events a second', [
      rowOf('the store’s own client, nothing else', raw),
      rowOf('verbatim audit export, into a file', exported),
      rowOf('verbatim audit verify, by the role audit', verified.onServer),
      rowOf('verbatim audit verify, of the file', verified.ofFile),
    ]);
    const verifyRatio = round(median(verified.onServer.map(rateOf)) / median(raw.map(rateOf)));
    const filePeakMiB = round(Math.max(...verified.ofFile.map(({ peakMiB: mib }) => mib)), 0);
    say(
      `verification by the role audit: ratio ${verifyRatio}, peak memory ${verifyPeakMiB} MiB; of the file: ${filePeakMiB} MiB`,
    );
    say(
      `export: ratio ${ratio}; peak memory of the role audit: ${exportPeakMiB} MiB; file: ${round(size / 2 ** 20, 0)} MiB`,
    );
    say(
      `killed at ${round((100 * killedAt) / size, 0)} % and resumed: ${identical ? 'byte-identical' : 'DIFFERENT'}`,
    );
    return {
      raw,
      exported,
      ...verified,
      verifyRatio,
      ratio,
      bytes: size,
      killedAtBytes: killedAt,
      identical,
      exportPeakMiB,
      verifyPeakMiB,
      filePeakMiB,
    };
  } finally {
    await system.stop();
    await rm(out, { force: true });
  }
};

/** Returns a folder with a log of messages and one auditor's key, made once and kept. */
const filledFolder = async (folder: string, events: number): Promise<string> => {
  const complete = join(folder, 'auditor.key');
  if (existsSync(complete)) return readFile(complete, 'utf8');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const dataDir = join(folder, 'event-store');
  const fillings = Array.from({ length: CHANNELS }, (_, index) => ({
    channel: `filled-${index}`,
    bot: `bot-${index}`,
  }));
  await fillLog(dataDir, fillings, events / CHANNELS, () => undefined);
  const { key, keyId, hash } = issueKey({ role: 'auditor' });
  const node = await startEmbeddedEventStore({ dataDir });
  const store = new EventStore({ connectionString: node.connectionString });
  const issued = { ...newEvent(), type: 'OperatorKeyIssued', data: { role: 'auditor', keyId, hash } };
  await store.append('keys-auditor', [issued], 'no_stream');
  await store.close();
  await node.close();
  await writeFile(complete, key);
  return key;
};

/** Starts the event store and the role audit as separate processes. Audit needs no PostgreSQL. */
const startRole = async (folder: string, key: string): Promise<System> => {
  const [storePort, port] = [await freePort(), await freePort()];
  const env = environmentFor({ dataDir: join(folder, 'unused'), port });
  const args = ['event-store', '--data', join(folder, 'event-store'), '--port', `${storePort}`];
  const store = new RunningProcess([process.execPath, MAIN, ...args], env);
  const connectionString = `esdb://127.0.0.1:${storePort}?tls=false`;
  const audit = new RunningProcess([process.execPath, MAIN, 'start'], {
    ...env,
    VERBATIM_ROLES: 'audit',
    VERBATIM_EVENTSTORE_URL: connectionString,
    VERBATIM_POSTGRES_URL: 'postgres://nobody@127.0.0.1:1/none',
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    for (const running of [audit, store]) {
      running.tree.living();
      signal(running.pid, 'SIGTERM');
      await running.exitWithin(20_000);
    }
  };
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor('the role audit', isReady, 60_000);
  return { connectionString, url, key, audit, stop };
};

/**
 * Resolves with the position of the key, which comes after all messages. Reads are recorded in the log, but every run
 * must have the same events.
 */
const endOf = async ({ url, key }: System): Promise<string> => {
  const response = await fetch(`${url}/v1/audit/events?type=OperatorKeyIssued&limit=1`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { position } = JSON.parse(await response.text()) as { position: string };
  return position;
};

const rawRead = async ({ connectionString }: System): Promise<Reading> =>
  lastLineOf(new RunningProcess([process.execPath, RAW_READ, connectionString], process.env));

const exporting = ({ url, key }: System, out: string, to: string): RunningProcess => {
  const args = ['audit', 'export', '--to', to, '--out', out, '--json'];
  return new RunningProcess([process.execPath, MAIN, ...args], {
    ...process.env,
    VERBATIM_URL: url,
    VERBATIM_KEY: key,
  });
};

const runExport = (system: System, out: string, to: string): Promise<Reading> =>
  lastLineOf(exporting(system, out, to));

const lastLineOf = async (running: RunningProcess): Promise<Reading> => {
  const { code } = await running.exitWithin(300_000);
  if (code !== 0) throw new Error(`It failed: ${running.output()}`);
  return JSON.parse(running.output().trim().split('\n').at(-1)!) as Reading;
};

/** Resolves with how many bytes the file had when the export was killed. */
const killedHalfWay = async (system: System, out: string, to: string, size: number): Promise<number> => {
  const running = exporting(system, out, to);
  const written = (): Promise<number> =>
    stat(out).then(
      ({ size: bytes }) => bytes,
      () => 0,
    );
  await waitFor('half of the file', async () => (await written()) > size / 2, 300_000, 5);
  running.tree.living();
  signal(running.pid, 'SIGKILL');
  await running.exited;
  return written();
};

/** Verifies the log by the role audit, and from an export of it, each this many times. */
const verifyRuns = async (
  system: System,
  { keep, checkpoint, runs }: Readonly<{ keep: string; checkpoint: string; runs: number }>,
): Promise<Readonly<{ onServer: VerifyRun[]; ofFile: VerifyRun[] }>> => {
  const [onServer, ofFile]: [VerifyRun[], VerifyRun[]] = [[], []];
  const [target, file] = [{ main: MAIN, ...system }, join(keep, 'verified.ndjson')];
  const [args, report] = [['--checkpoint', checkpoint], join(keep, 'report.json')];
  await exportAll(system, file);
  for (let run = 0; run < runs; run += 1) {
    onServer.push(await runVerify(target, args, report));
    ofFile.push(await runVerify(target, [...args, '--export', file], report));
  }
  await Promise.all([file, `${file}.query.json`, checkpoint].map((one) => rm(one, { force: true })));
  return { onServer, ofFile };
};

const exportAll = async ({ url, key }: Pick<System, 'url' | 'key'>, out: string): Promise<void> => {
  const command = [process.execPath, MAIN, 'audit', 'export', '--out', out, '--json'];
  await lastLineOf(new RunningProcess(command, { ...process.env, VERBATIM_URL: url, VERBATIM_KEY: key }));
};

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

const rateOf = ({ events, seconds }: Reading): number => events / seconds;

const rowOf = (what: string, readings: readonly Reading[]) => ({
  what,
  events: readings[0]!.events,
  median: Math.round(median(readings.map(rateOf))),
  min: Math.round(Math.min(...readings.map(rateOf))),
  max: Math.round(Math.max(...readings.map(rateOf))),
});

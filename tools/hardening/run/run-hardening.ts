import { randomBytes } from 'node:crypto';
import { spoiledSystems } from '../planting/spoiled-systems.js';
import type { News, Phase } from '../phases/phase.js';
import type { Findings, HardeningReport, PhaseReport } from '../report/hardening-report.js';
import { passed } from '../report/judge.js';
import { RemoteSystem } from '../system/remote-system.js';
import { StartedSystems } from '../system/started-systems.js';
import type { SystemSource } from '../system/system-source.js';
import type { HardeningOptions } from './hardening-options.js';
import { ALL_PHASES } from './all-phases.js';
import { surroundings } from './surroundings.js';

export type Watcher = Readonly<{
  /** Called whenever a phase has news. */
  onNews(title: string, index: number, count: number, leftSeconds: number, news: News): void;
  /** Called when a phase is over. */
  onPhase(phase: PhaseReport): void;
}>;

/**
 * Runs the chosen phases one after the other. A phase that could not be carried out has missed its target; the others run
 * all the same. No phase begins after `signal`.
 */
export const runHardening = async (
  options: HardeningOptions,
  signal: AbortSignal,
  watcher: Watcher,
): Promise<HardeningReport> => {
  const { version, machine } = await surroundings();
  const startedAt = new Date();
  const systems = systemsFor(options);
  const runId = randomBytes(4).toString('hex');
  const phases: PhaseReport[] = [];
  const wanted = ALL_PHASES.filter(({ name }) => options.phases.includes(name));
  for (const phase of wanted) {
    const later = wanted.slice(phases.length + 1).map((one) => one.expectedSeconds(options.minutes));
    const rest = later.reduce((sum, seconds) => sum + seconds, 0);
    const began = performance.now();
    const tell = (news: News): void => {
      const gone = (performance.now() - began) / 1_000;
      const left = Math.max(0, phase.expectedSeconds(options.minutes) - gone) + rest;
      watcher.onNews(phase.title, phases.length + 1, wanted.length, left, news);
    };
    const report = await runPhase(phase, { ...options, systems, runId, signal, tell });
    phases.push(report);
    watcher.onPhase(report);
    if (signal.aborted) break;
  }
  return {
    format: 1,
    version,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    minutes: options.minutes,
    ...(options.server ? { url: options.server.url } : {}),
    planted: [...options.planted],
    machine,
    phases,
    passed: !signal.aborted && passed(phases),
  };
};

const runPhase = async (phase: Phase, context: Parameters<Phase['run']>[0]): Promise<PhaseReport> => {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const findings = await phase.run(context).catch((error: unknown): Findings => ({
    did: ['The phase could not be carried out to the end.'],
    rows: [
      {
        id: `${phase.name}.carried-out`,
        what: 'The phase is carried out to the end',
        measured: context.signal.aborted ? 'called off' : reasonOf(error),
        target: 'to the end',
        verdict: 'missed',
      },
    ],
  }));
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { name: phase.name, title: phase.title, startedAt, seconds, ...findings };
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const systemsFor = ({ server, planted }: HardeningOptions): SystemSource => {
  if (server) return new RemoteSystem(server.url, server.adminKey);
  return planted.size > 0 ? spoiledSystems(planted) : new StartedSystems();
};

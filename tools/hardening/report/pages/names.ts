import type { HardeningReport, PhaseReport, Plot } from '../hardening-report.js';

/** Returns the path of each plot, `plots/<id>.svg`. All paths differ, whatever the ids are. */
export const plotPaths = ({ phases }: HardeningReport): ReadonlyMap<Plot, string> => {
  const paths = new Map<Plot, string>();
  const taken = new Set<string>();
  for (const plot of phases.flatMap(({ plots = [] }) => plots)) {
    const name = plot.id.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '') || 'plot';
    let path = `plots/${name}.svg`;
    for (let again = 2; taken.has(path.toLowerCase()); again += 1) path = `plots/${name}-${again}.svg`;
    taken.add(path.toLowerCase());
    paths.set(plot, path);
  }
  return paths;
};

/** Describes a run in one sentence below its title: the version, when it ran, against which server, and for how long. */
export const occasion = ({ startedAt, version, minutes, url }: HardeningReport): string =>
  `Verbatim ${version}, ${momentOf(startedAt)}, ${
    url === undefined ? 'servers started for this run' : `the server at ${url}`
  }, load and soak of ${minutes} min each.`;

/** Formats a time as `2026-11-26 19:14 UTC`. */
export const momentOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** Returns facts about the machine and the run, as pairs of name and value. */
export const surroundings = (report: HardeningReport): readonly (readonly [string, string])[] => {
  const { machine } = report;
  return [
    ['Processor', `${machine.cpu}, ${machine.cores} cores`],
    ['Memory', `${Math.round(machine.memoryMiB).toLocaleString('en')} MiB`],
    ['System', `${machine.kernel}, Node ${machine.node}`],
    ['Other work', `load average ${machine.loadAverage.toFixed(2)} over the minute before the run`],
    ['Began', momentOf(report.startedAt)],
    ['Ended', momentOf(report.endedAt)],
    ['Version', `Verbatim ${report.version}`],
    ['Server', report.url ?? 'started for this run, one or more for each phase'],
    ['Asked for', `${report.minutes} min of load and of soak; ${phasesOf(report.phases)}`],
    ['Planted faults', report.planted.length === 0 ? 'none' : report.planted.join(', ')],
  ];
};

const phasesOf = (phases: readonly PhaseReport[]): string =>
  phases.length === 0 ? 'no phases' : `phases ${phases.map(({ name }) => name).join(', ')}`;

/** Explains the figures in brackets. */
export const ABOUT_BRACKETS =
  'In brackets: what the report of this system’s predecessor claimed for the same thing. That report came without a way to repeat it.';

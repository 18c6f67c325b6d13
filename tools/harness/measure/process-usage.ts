import { readFileSync } from 'node:fs';

/** Clock ticks a second of /proc: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Memory of a process in MiB, with its share of shared memory: PostgreSQL's processes share most of theirs. */
export type Memory = Readonly<{
  rssMiB: number;
  /** The part that is file pages, such as a program or a mapped index. The system takes them back when it needs memory. */
  filesMiB: number;
}>;

export type Usage = Memory & Readonly<{ process: string; cpuPercent: number; processes: number }>;

type Reading = Memory & Readonly<{ label: string; cpuSeconds: number }>;

/** Measures CPU and memory of processes between two moments, added up for each kind of process. */
export class UsageMeter {
  private before = new Map<number, Reading>();
  private since = 0;

  constructor(private readonly pids: () => readonly number[]) {}

  start(): void {
    this.before = this.read();
    this.since = performance.now();
  }

  stopMeter(): Usage[] {
    return this.lap().map((usage) => ({
      ...usage,
      cpuPercent: Math.round(usage.cpuPercent),
      rssMiB: Math.round(usage.rssMiB),
      filesMiB: Math.round(usage.filesMiB),
    }));
  }

  /** Returns what was used since the start or the last lap, not rounded, and begins the next lap. */
  lap(): Usage[] {
    const now = this.read();
    const seconds = (performance.now() - this.since) / 1_000;
    const totals = new Map<string, Usage>();
    for (const [pid, { label, cpuSeconds, rssMiB, filesMiB }] of now) {
      const total = totals.get(label) ?? NOTHING;
      const used = cpuSeconds - (this.before.get(pid)?.cpuSeconds ?? 0);
      totals.set(label, {
        process: label,
        cpuPercent: total.cpuPercent + (100 * used) / seconds,
        rssMiB: total.rssMiB + rssMiB,
        filesMiB: total.filesMiB + filesMiB,
        processes: total.processes + 1,
      });
    }
    this.before = now;
    this.since = performance.now();
    return [...totals.values()];
  }

  private read(): Map<number, Reading> {
    const readings = this.pids().map((pid) => [pid, readingOf(pid)] as const);
    return new Map(readings.filter((entry): entry is readonly [number, Reading] => entry[1] !== undefined));
  }
}

const NOTHING = { cpuPercent: 0, rssMiB: 0, filesMiB: 0, processes: 0 } as const;

const readingOf = (pid: number): Reading | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      label: labelOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
      ...memoryOf(pid),
    };
  } catch {
    return undefined;
  }
};

/** Reads the memory of a process. @throws Error when there is no such process */
export const memoryOf = (pid: number): Memory => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) / 1_024;
  return { rssMiB: mib('Pss'), filesMiB: mib('Pss_File') };
};

const labelOf = (command: string): string => {
  if (command.includes('postgres')) return 'PostgreSQL';
  if (command.includes('embedded-event-store')) return 'event store';
  if (command.includes('cli/src/main.js')) return 'Verbatim';
  if (command.includes('bare-server')) return 'bare Socket.IO';
  return command.split(' ')[0]!.split('/').at(-1)!;
};

import { InvalidArgumentError } from 'commander';
import { PHASES, type PhaseName } from '../report/hardening-report.js';
import { PLANTS, isPlant, type Plant } from '../planting/plants.js';

/** The options of a run, checked. */
export type HardeningOptions = Readonly<{
  minutes: number;
  /** The phases to run, in order. */
  phases: readonly PhaseName[];
  out: string;
  planted: ReadonlySet<Plant>;
  /** A server that is already running, with an admin's key. */
  server?: Readonly<{ url: string; adminKey: string }>;
}>;

/** Parses a number of minutes. @throws InvalidArgumentError */
export const parseMinutes = (text: string): number => {
  const minutes = Number(text);
  if (text.trim() !== '' && minutes >= 0.1 && minutes <= 24 * 60) return minutes;
  throw new InvalidArgumentError('It must be a number from 0.1 to 1440.');
};

/** Parses names separated by commas. @returns the phases, in the order in which they run @throws InvalidArgumentError */
export const parsePhases = (text: string): readonly PhaseName[] => {
  const names = known(text, PHASES);
  return PHASES.filter((phase) => names.includes(phase));
};

/** Parses names of faults, separated by commas. @throws InvalidArgumentError */
export const parsePlants = (text: string): ReadonlySet<Plant> =>
  new Set(known(text, Object.keys(PLANTS)).filter(isPlant));

const known = (text: string, allowed: readonly string[]): string[] => {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.filter((name) => !allowed.includes(name));
  if (unknown.length === 0 && names.length > 0) return names;
  throw new InvalidArgumentError(`It may be ${allowed.join(', ')}; not "${unknown.join(', ')}".`);
};

import { PHASES, type PhaseName } from '../report/hardening-report.js';
import { PLANTS, isPlant, type Plant } from '../planting/plants.js';

/** What was asked for, checked. */
export type HardeningOptions = Readonly<{
  minutes: number;
  /** In the order in which they run. */
  phases: readonly PhaseName[];
  out: string;
  planted: ReadonlySet<Plant>;
  /** A server that runs already, with an admin's key. */
  server?: Readonly<{ url: string; adminKey: string }>;
}>;

/** A mistake in the options, in words for whoever typed them. */
export class InvalidOption extends Error {
  override readonly name = 'InvalidOption';
}

/** @throws InvalidOption */
export const parseMinutes = (text: string): number => {
  const minutes = Number(text);
  if (text.trim() !== '' && minutes >= 0.1 && minutes <= 24 * 60) return minutes;
  throw new InvalidOption('--minutes must be a number from 0.1 to 1440');
};

/** Names parted by commas; none means all. @throws InvalidOption */
export const parsePhases = (text: string | undefined): readonly PhaseName[] => {
  if (text === undefined) return PHASES;
  const names = listed(text);
  const unknown = names.filter((name) => !PHASES.some((phase) => phase === name));
  if (unknown.length > 0 || names.length === 0)
    throw new InvalidOption(`--only takes ${PHASES.join(', ')}; not "${unknown.join(', ')}"`);
  return PHASES.filter((phase) => names.includes(phase));
};

/** Names parted by commas. @throws InvalidOption */
export const parsePlants = (text: string | undefined): ReadonlySet<Plant> => {
  const names = listed(text ?? '');
  const unknown = names.filter((name) => !isPlant(name));
  if (unknown.length > 0)
    throw new InvalidOption(`--plant takes ${Object.keys(PLANTS).join(', ')}; not "${unknown.join(', ')}"`);
  return new Set(names.filter(isPlant));
};

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

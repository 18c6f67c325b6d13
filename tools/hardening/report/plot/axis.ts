/** The range of an axis, and the numbers written along it. */
export type Axis = Readonly<{ from: number; to: number; ticks: readonly number[] }>;

const STEPS_OF_TIME = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];

/** Returns an axis from 0 (or the lowest negative value) to a round number at or above the highest: heights compare by eye. */
export const axisOfValues = (low: number, high: number, ticksAtMost: number): Axis => {
  const from = Math.min(0, low);
  // Values that differ by less than any figure shows count as one, and get an axis of length 1.
  const range = high - from < 1e-9 ? 1 : high - from;
  const step = roundStep(range / ticksAtMost);
  // Multiples of a step are not exact; no value may fall outside because of that.
  const bottom = Math.min(from, rounded(Math.floor(from / step) * step));
  const top = Math.max(high, rounded(Math.ceil((from + range) / step) * step));
  return axis(bottom, top, step);
};

/** Returns an axis exactly from the first to the last moment, in seconds; for a single moment it lasts a minute. */
export const axisOfTime = (first: number, last: number, ticksAtMost: number): Axis => {
  const to = last > first ? last : first + 60;
  const wanted = (to - first) / ticksAtMost;
  const step = STEPS_OF_TIME.find((candidate) => candidate >= wanted) ?? roundStep(wanted / 3_600) * 3_600;
  return axis(first, to, step);
};

/** Returns an axis exactly from the first to the last number, with ticks at round numbers. */
export const axisOfNumbers = (first: number, last: number, ticksAtMost: number): Axis => {
  const to = last > first ? last : first + 1;
  return axis(first, to, roundStep((to - first) / ticksAtMost));
};

/** Returns the smallest of 1, 2, 5, 10, 20, … (or 0.1, 0.2, 0.5, …) that is at least this. */
const roundStep = (wanted: number): number => {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= wanted * 0.999_999)!;
};

const axis = (from: number, to: number, step: number): Axis => {
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  // Multiplied and rounded, because adding up steps would give 0.30000000000000004.
  const ticks = Array.from({ length: count }, (_, index) => rounded((first + index) * step));
  return { from, to, ticks };
};

const rounded = (value: number): number => Number(value.toPrecision(12));

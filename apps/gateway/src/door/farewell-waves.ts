/**
 * How many connections a second are sent away. The other gateways can take in about this many without bots noticing.
 */
const PER_SECOND = 500;
/** Milliseconds after which the last connection is sent away, however many there are. */
const LONGEST_MS = 10_000;
const WAVE_MS = 50;

/**
 * Splits connections into waves, one every {@link WAVE_MS} milliseconds, so that the bots of a gateway that stops do
 * not all connect to the next one at the same moment.
 */
export const wavesOf = <T>(connections: readonly T[]): readonly (readonly T[])[] => {
  const waves = Math.min(
    LONGEST_MS / WAVE_MS,
    Math.ceil((connections.length * 1_000) / (PER_SECOND * WAVE_MS)),
  );
  const size = Math.ceil(connections.length / waves);
  return Array.from({ length: waves }, (_, wave) => connections.slice(wave * size, (wave + 1) * size)).filter(
    (wave) => wave.length > 0,
  );
};

export const WAVE_INTERVAL_MS = WAVE_MS;

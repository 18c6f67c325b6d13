/** How much is done, in a long run and in a short one: the same steps, fewer and shorter. */
export type Effort = Readonly<{
  rateProbes: number;
  connectionProbes: number;
  warmUpSeconds: number;
  probeSeconds: number;
  /** Of the load after which disk and CPU are read. */
  costSeconds: number;
  /** Connections that do nothing, to see their memory. */
  idleConnections: number;
}>;

export const effortFor = (minutes: number): Effort =>
  minutes >= 10
    ? {
        rateProbes: 8,
        connectionProbes: 7,
        warmUpSeconds: 2,
        probeSeconds: 10,
        costSeconds: 60,
        idleConnections: 1_000,
      }
    : {
        rateProbes: 4,
        connectionProbes: 3,
        warmUpSeconds: 1,
        probeSeconds: 2,
        costSeconds: 5,
        idleConnections: 300,
      };

/** About how long all of it takes: a probe makes its bots, and waits until the server is at rest again. */
export const expectedSeconds = (minutes: number): number => {
  const { rateProbes, connectionProbes, warmUpSeconds, probeSeconds, costSeconds } = effortFor(minutes);
  return 15 + (rateProbes + connectionProbes) * (warmUpSeconds + probeSeconds + 5) + costSeconds;
};

/** How much the phase does. A short run takes the same steps as a long one, but fewer and shorter. */
export type Effort = Readonly<{
  rateProbes: number;
  connectionProbes: number;
  warmUpSeconds: number;
  probeSeconds: number;
  /** Duration of the load in which disk and CPU are measured. */
  costSeconds: number;
  /** Number of idle connections, opened to measure their memory. */
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

/** About how long the phase takes. A probe also creates its bots, and waits until the server is at rest again. */
export const expectedSeconds = (minutes: number): number => {
  const { rateProbes, connectionProbes, warmUpSeconds, probeSeconds, costSeconds } = effortFor(minutes);
  return 15 + (rateProbes + connectionProbes) * (warmUpSeconds + probeSeconds + 5) + costSeconds;
};

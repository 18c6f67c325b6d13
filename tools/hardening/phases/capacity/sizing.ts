/** What was measured of one Verbatim, for an estimate of more. */
export type Costs = Readonly<{
  /** Messages a second that it held, all by itself on this machine. */
  heldRate: number;
  eventStoreBytesPerMessage: number;
  postgresBytesPerMessage: number;
  /** CPU seconds of all its processes, engines included. */
  cpuSecondsPerThousand: number;
  /** MB of its own Node processes after load, collected, with no connection. */
  memoryBaseMB: number;
  memoryPerConnectionMB: number;
}>;

export type Sizing = Readonly<{
  rate: number;
  eventStoreGBPerDay: number;
  postgresGBPerDay: number;
  cores: number;
  gateways: number;
  memoryMB: number;
}>;

const SECONDS_A_DAY = 86_400;
const BYTES_A_GB = 1e9;

/** What so many messages a second would take, one connection for each: {@link FORMULAS} in numbers. */
export const sizingAt = (rate: number, costs: Costs): Sizing => {
  const gateways = Math.ceil(rate / costs.heldRate);
  const gbPerDay = (bytes: number): number => (bytes * rate * SECONDS_A_DAY) / BYTES_A_GB;
  return {
    rate,
    eventStoreGBPerDay: gbPerDay(costs.eventStoreBytesPerMessage),
    postgresGBPerDay: gbPerDay(costs.postgresBytesPerMessage),
    cores: (costs.cpuSecondsPerThousand * rate) / 1_000,
    gateways,
    memoryMB: gateways * costs.memoryBaseMB + rate * costs.memoryPerConnectionMB,
  };
};

export const FORMULAS = [
  'disk a day = bytes a message × messages/s × 86,400 s',
  'cores = CPU seconds per 1,000 messages × messages/s ÷ 1,000',
  'gateways = messages/s ÷ the highest rate that held here, rounded up',
  'memory = gateways × memory without connections + connections × memory of each, with one connection for each message/s',
] as const;

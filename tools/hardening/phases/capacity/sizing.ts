/** Figures measured on one Verbatim, from which larger systems are estimated. */
export type Costs = Readonly<{
  /** Messages a second that one system held on this machine. */
  heldRate: number;
  eventStoreBytesPerMessage: number;
  postgresBytesPerMessage: number;
  /** CPU seconds of all its processes, including the stores. */
  cpuSecondsPerThousand: number;
  /** MB of its own Node processes after load and a forced collection, with no connection. */
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

/** Estimates what a rate in messages a second takes, with one connection for each: applies {@link FORMULAS}. */
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
  'disk a day = bytes per message × messages/s × 86,400 s',
  'cores = CPU seconds per 1,000 messages × messages/s ÷ 1,000',
  'gateways = messages/s ÷ the highest rate that held here, rounded up',
  'memory = gateways × memory without connections + connections × memory per connection, with one connection for each message/s',
] as const;

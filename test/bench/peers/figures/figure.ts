/** Every figure that is measured, with how it is shown and which direction is better. */
export const FIGURES = {
  throughput: { title: 'acknowledged', unit: '/s', better: 'higher', digits: 0 },
  ackP50: { title: 'acknowledgement p50', unit: 'ms', better: 'lower', digits: 1 },
  ackP99: { title: 'acknowledgement p99', unit: 'ms', better: 'lower', digits: 1 },
  deliveryP50: { title: 'delivery p50', unit: 'ms', better: 'lower', digits: 1 },
  deliveryP99: { title: 'delivery p99', unit: 'ms', better: 'lower', digits: 1 },
  cpuPer1000: { title: 'server CPU per 1,000', unit: 's', better: 'lower', digits: 2 },
  memory: { title: 'memory', unit: 'MiB', better: 'lower', digits: 0 },
  generatorCpu: { title: 'load generator', unit: 'cores', better: 'lower', digits: 2 },
  replayRate: { title: 'replayed', unit: '/s', better: 'higher', digits: 0 },
  replayTime: { title: 'replayed after', unit: 'ms', better: 'lower', digits: 0 },
  levelAll: { title: 'all level after', unit: 'ms', better: 'lower', digits: 0 },
  firstPost: { title: 'kill to first acknowledged post', unit: 'ms', better: 'lower', digits: 0 },
  bytesPerMessage: { title: 'on disk for each message', unit: 'bytes', better: 'lower', digits: 0 },
  kibPerConnection: { title: 'memory for each connection', unit: 'KiB', better: 'lower', digits: 1 },
  idleCpu: { title: 'CPU while nobody uses it', unit: '% of a core', better: 'lower', digits: 2 },
  wakeUps: { title: 'wake-ups', unit: '/s', better: 'lower', digits: 0 },
  levelAfter: { title: 'read models level after', unit: 'ms', better: 'lower', digits: 0 },
} as const;

export type Figure = keyof typeof FIGURES;

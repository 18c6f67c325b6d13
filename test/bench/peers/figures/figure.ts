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
  levelAfter: { title: 'read models level after', unit: 'ms', better: 'lower', digits: 0 },
} as const;

export type Figure = keyof typeof FIGURES;

import type { Figure } from '../figures/figure.js';

/** What the README shows: one figure of one workload. */
export type Headline = Readonly<{ workload: string; figure: Figure; title: string }>;

export const HEADLINES: readonly Headline[] = [
  { workload: 'saturation', figure: 'throughput', title: 'As fast as it can: acknowledged/s' },
  { workload: 'steady', figure: 'deliveryP99', title: '1,000 messages/s: delivery p99, ms' },
  { workload: 'steady', figure: 'cpuPer1000', title: 'Server CPU for 1,000 messages, s' },
  { workload: 'replay', figure: 'replayRate', title: 'A backlog of 10,000: messages/s' },
  { workload: 'herd', figure: 'levelAll', title: '100 bots back at once: all level after, ms' },
  { workload: 'cold start', figure: 'firstPost', title: 'Killed: first post acknowledged after, ms' },
];

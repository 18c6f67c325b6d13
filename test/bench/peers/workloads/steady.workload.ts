import { sustainLoad } from './sustained-load.js';
import { range, spreadOver, type Workload } from './workload.js';

const [BOTS, CHANNELS, RATE] = [100, 10, 1_000];

export const steady: Workload = {
  name: 'steady',
  title: `${BOTS} bots in ${CHANNELS} channels, 1,000 messages/s`,
  guests: spreadOver(BOTS, CHANNELS),
  headlines: ['ackP99', 'deliveryP50', 'deliveryP99', 'cpuPer1000', 'memory'],
  suits: ({ takesLoad }) => takesLoad,
  run: (stage) => sustainLoad(stage, BOTS, { rate: RATE, outstanding: 0, posters: range(0, BOTS) }),
};

import { sustainLoad } from './sustained-load.js';
import { range, spreadOver, type Workload } from './workload.js';

const [BOTS, CHANNELS, RATE] = [2_000, 1_000, 1_000];

export const manyChannels: Workload = {
  name: 'many channels',
  title: '1,000 channels of 2 bots, 1,000 messages/s',
  guests: spreadOver(BOTS, CHANNELS),
  headlines: ['ackP99', 'deliveryP50', 'deliveryP99', 'cpuPer1000', 'memory'],
  suits: ({ takesLoad }) => takesLoad,
  run: (stage) => sustainLoad(stage, BOTS, { rate: RATE, outstanding: 0, posters: range(0, BOTS) }),
};

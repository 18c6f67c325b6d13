import { sustainLoad } from './sustained-load.js';
import { range, spreadOver, type Workload } from './workload.js';

const [BOTS, CHANNELS, OUTSTANDING] = [100, 10, 8];

export const saturation: Workload = {
  name: 'saturation',
  title: `${BOTS} bots in ${CHANNELS} channels, ${OUTSTANDING} posts of each under way`,
  guests: spreadOver(BOTS, CHANNELS),
  headlines: ['throughput', 'ackP99', 'cpuPer1000'],
  suits: ({ takesLoad }) => takesLoad,
  run: (stage) => sustainLoad(stage, BOTS, { rate: 0, outstanding: OUTSTANDING, posters: range(0, BOTS) }),
};

import { sustainLoad } from './sustained-load.js';
import { range, spreadOver, type Workload } from './workload.js';

const [BOTS, POSTERS, RATE] = [500, 10, 20];

/** Ten of them post, so that there are 10,000 deliveries a second, as in the steady load. */
export const fanOut: Workload = {
  name: 'fan-out',
  title: `1 channel of ${BOTS} bots, ${RATE} messages/s`,
  guests: spreadOver(BOTS, 1),
  headlines: ['deliveryP50', 'deliveryP99', 'cpuPer1000'],
  suits: () => true,
  run: (stage) => sustainLoad(stage, BOTS, { rate: RATE, outstanding: 0, posters: range(0, POSTERS) }),
};

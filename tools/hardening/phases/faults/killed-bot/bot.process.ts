import { FaultBot } from '#tools/harness/bots/fault-bot.js';
import { Random } from '#tools/harness/random.js';
import type { FromBot, Order } from './bot-orders.js';

/** Large enough to be seen in two halves on its way. */
const LARGE = 8_000;

let bot: FaultBot | undefined;

/** Written at once: what is told before a message leaves is known even if this process is killed right after it. */
const tell = (news: FromBot): void => void process.send?.(news);

const obey = (order: Order): void => {
  if (order.type === 'begin') {
    const { options, seed, inherits } = order.plan;
    bot = new FaultBot({
      ...options,
      random: new Random(seed),
      onStep: (step) => tell({ type: 'step', step }),
    });
    bot.outbox.inherit(inherits);
    bot.connect();
  }
  if (order.type === 'talk') bot?.talk(order.perSecond);
  if (order.type === 'fall silent') bot?.fallSilent();
  if (order.type === 'send half' && bot) {
    bot.choke(() => tell({ type: 'half sent' }));
    bot.outbox.post({ ...bot.outbox.compose(order.channel), body: 'ǝ'.repeat(LARGE / 2) });
  }
};

process.on('message', (order) => obey(order as Order));
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0));

import { FaultBot } from '#tools/harness/bots/fault-bot.js';
import { Random } from '#tools/harness/random.js';
import type { FromBot, Order } from './bot-orders.js';

/** Bytes of a message that is large enough to be cut in half on its way. */
const LARGE = 8_000;

let bot: FaultBot | undefined;

/** Writes at once, so that a step reported before a message leaves is known even if this process is killed right after. */
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
// The process that started this one is gone.
process.on('disconnect', () => process.exit(0));

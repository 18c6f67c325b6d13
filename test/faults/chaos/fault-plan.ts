import type { Random } from '#tools/harness/random.js';
import type { End } from '#tools/harness/network/unruly-network.js';

export type Target = 'gateway-1' | 'gateway-2' | 'event store' | 'projector';

/** What is done, to whom and for how long. Shares are of the connections there are at that moment. */
export type Fault =
  /** SIGKILL, and a new start after a while. */
  | Readonly<{ kind: 'kill'; target: Target; forMs: number }>
  /** SIGSTOP until SIGCONT: it neither answers nor closes anything. */
  | Readonly<{ kind: 'freeze'; target: Target; forMs: number }>
  /** SIGTERM, and a new start. */
  | Readonly<{ kind: 'restart'; target: Target; forMs: number }>
  | Readonly<{ kind: 'postgres'; how: 'crash' | 'stop'; forMs: number }>
  | Readonly<{ kind: 'cut'; share: number }>
  | Readonly<{ kind: 'delay'; byMs: number; forMs: number }>
  /** One end is told that the other has finished; what still comes the other way goes on, then the link breaks. */
  | Readonly<{ kind: 'half-close'; share: number; towards: End; forMs: number }>
  /** What one end sends is lost without a word, then the link breaks. */
  | Readonly<{ kind: 'mute'; share: number; towards: End; forMs: number }>
  /** Bots post all that is unanswered, and some of what was answered, once more to both gateways by HTTP. */
  | Readonly<{ kind: 'storm'; share: number }>
  /** The messages of some channels are kept otherwise from now on. */
  | Readonly<{ kind: 'retention'; channels: number }>
  /** What retention hides is taken out of the log. */
  | Readonly<{ kind: 'scavenge' }>;

export type PlannedFault = Readonly<{ atMs: number }> & Fault;

const ENDS: readonly End[] = ['bot', 'server'];
const GATEWAYS: readonly Target[] = ['gateway-1', 'gateway-2'];

/** As often as their weight says, over the whole of a run. */
const MAKERS: readonly (readonly [weight: number, make: (random: Random) => Fault])[] = [
  [3, (random) => ({ kind: 'kill', target: random.pick(GATEWAYS), forMs: random.between(0, 2_500) })],
  [3, (random) => ({ kind: 'freeze', target: random.pick(GATEWAYS), forMs: random.between(300, 7_000) })],
  [1, (random) => ({ kind: 'restart', target: random.pick(GATEWAYS), forMs: random.between(0, 500) })],
  [2, (random) => ({ kind: 'kill', target: 'event store', forMs: random.between(0, 3_000) })],
  [2, (random) => ({ kind: 'freeze', target: 'event store', forMs: random.between(300, 5_000) })],
  // Long enough for deadlines to pass.
  [0.5, (random) => ({ kind: 'freeze', target: 'event store', forMs: random.between(10_000, 13_000) })],
  [1, (random) => ({ kind: 'restart', target: 'event store', forMs: random.between(0, 1_000) })],
  [0.5, (random) => ({ kind: 'kill', target: 'projector', forMs: random.between(0, 3_000) })],
  [0.5, (random) => ({ kind: 'freeze', target: 'projector', forMs: random.between(300, 5_000) })],
  [
    1,
    (random) => ({ kind: 'postgres', how: random.pick(['crash', 'stop']), forMs: random.between(0, 4_000) }),
  ],
  [3, (random) => ({ kind: 'cut', share: random.between(0.05, 1) })],
  [2, (random) => ({ kind: 'delay', byMs: random.between(20, 400), forMs: random.between(500, 4_000) })],
  [2, (random) => ({ kind: 'half-close', ...link(random) })],
  [2, (random) => ({ kind: 'mute', ...link(random) })],
  [4, (random) => ({ kind: 'storm', share: random.between(0.1, 1) })],
  [4, (random) => ({ kind: 'retention', channels: Math.ceil(random.between(0, 6)) })],
  [5, () => ({ kind: 'scavenge' })],
];

const link = (random: Random): Readonly<{ share: number; towards: End; forMs: number }> => ({
  share: random.between(0.05, 0.6),
  towards: random.pick(ENDS),
  forMs: random.between(100, 4_000),
});

const draw = (random: Random): Fault => {
  let left = random.next() * MAKERS.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of MAKERS) {
    left -= weight;
    if (left < 0) return make(random);
  }
  return MAKERS[0]![1](random);
};

/** Faults over so many milliseconds, some at the same time as others. The same random source gives the same plan. */
export const planFaults = (random: Random, lengthMs: number): readonly PlannedFault[] => {
  const plan: PlannedFault[] = [];
  for (let atMs = random.between(500, 2_000); atMs < lengthMs; atMs += random.between(200, 3_000)) {
    plan.push({ atMs, ...draw(random) });
  }
  return plan;
};

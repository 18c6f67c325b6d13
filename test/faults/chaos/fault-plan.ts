import type { Random } from '#tools/harness/random.js';
import type { End } from '#tools/harness/network/unruly-network.js';

export type Target = 'gateway-1' | 'gateway-2' | 'event store' | 'projector';

/** A fault: its kind, its target and its duration. Shares are of the connections that exist at that moment. */
export type Fault =
  /** SIGKILL, and a new start after `forMs`. */
  | Readonly<{ kind: 'kill'; target: Target; forMs: number }>
  /** SIGSTOP until SIGCONT: the process neither answers nor closes anything. */
  | Readonly<{ kind: 'freeze'; target: Target; forMs: number }>
  /** SIGTERM, and a new start after `forMs`. */
  | Readonly<{ kind: 'restart'; target: Target; forMs: number }>
  | Readonly<{ kind: 'postgres'; how: 'crash' | 'stop'; forMs: number }>
  | Readonly<{ kind: 'cut'; share: number }>
  | Readonly<{ kind: 'delay'; byMs: number; forMs: number }>
  /** One end is told that the other has finished. Data in the other direction still arrives; then the link breaks. */
  | Readonly<{ kind: 'half-close'; share: number; towards: End; forMs: number }>
  /** Data towards one end is lost silently; then the link breaks. */
  | Readonly<{ kind: 'mute'; share: number; towards: End; forMs: number }>
  /** Bots repeat all their unanswered posts, and some of the answered ones, to both gateways by HTTP. */
  | Readonly<{ kind: 'storm'; share: number }>
  /** Some channels get another retention rule. */
  | Readonly<{ kind: 'retention'; channels: number }>
  /** The events that retention hides are removed from the log. */
  | Readonly<{ kind: 'scavenge' }>;

export type PlannedFault = Readonly<{ atMs: number }> & Fault;

const ENDS: readonly End[] = ['bot', 'server'];
const GATEWAYS: readonly Target[] = ['gateway-1', 'gateway-2'];

/** Makers of faults. Over a whole run, each is chosen as often as its weight says. */
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

/**
 * Returns a plan of faults over this many milliseconds, some of them at the same time. The same random source gives the
 * same plan.
 */
export const planFaults = (random: Random, lengthMs: number): readonly PlannedFault[] => {
  const plan: PlannedFault[] = [];
  for (let atMs = random.between(500, 2_000); atMs < lengthMs; atMs += random.between(200, 3_000)) {
    plan.push({ atMs, ...draw(random) });
  }
  return plan;
};

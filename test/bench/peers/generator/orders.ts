import type { Spread } from '#tools/harness/measure/statistics.js';
import type { Verdict } from '../figures/delivery-check.js';

/** How bots talk to a system: one client for each. */
export type ClientKind = 'socket.io' | 'verbatim' | 'jetstream' | 'durable-streams';

/** A bot sends to its channel and receives what is sent to it. `auth` is what its system wants to be told. */
type BotPlan = Readonly<{ channel: string; auth: Readonly<Record<string, unknown>> }>;

/** What a generator is told first. Bots are later named by their index in `bots`. */
export type GeneratorPlan = Readonly<{
  client: ClientKind;
  url: string;
  bots: readonly BotPlan[];
  bodyBytes: number;
}>;

export type LoadOrder = Readonly<{
  /** The bots that post, in turn. */
  posters: readonly number[];
  /** Messages a second of all posters together. 0: as fast as they are answered. */
  rate: number;
  /** How many posts each poster has under way while the rate is 0. */
  outstanding: number;
  warmUpSeconds: number;
  seconds: number;
}>;

/** Times in ms. `acknowledged` is counted in the measured seconds only, by when the answer came. */
export type LoadFigures = Readonly<{
  acknowledged: number;
  refused: number;
  acknowledgement: Spread;
  delivery: Spread;
  /** How late posts left, compared with the plan. If large, the generator is at its limit. */
  lateness: Spread;
}>;

/** `behind` bots had not caught up when the patience was over. */
export type ReturnFigures = Readonly<{ levelMs: number; behind: number }>;

/** The orders that a generator carries out, and what it answers to each. Orders may overlap. */
export type Orders = {
  connect: { given: readonly number[]; answer: void };
  load: { given: LoadOrder; answer: LoadFigures };
  /** Posts this many messages, as fast as they are answered. */
  fill: { given: Readonly<{ posters: readonly number[]; messages: number }>; answer: void };
  /** Cuts connections as a network failure does. */
  cut: { given: readonly number[]; answer: void };
  /** Reconnects bots all at once, and waits until they have what was acknowledged before. */
  comeBack: { given: Readonly<{ bots: readonly number[]; patienceMs: number }>; answer: ReturnFigures };
  /** Tries to connect and post until it is acknowledged. The answer is the moment (`Date.now`) of that. */
  firstPost: { given: Readonly<{ bot: number; patienceMs: number }>; answer: number };
  /** Waits until everything is delivered, at most this long (ms), and says what was wrong. */
  verdict: { given: number; answer: Verdict };
  /** Says at once what was wrong, with deliveries to these bots only: the others are away. */
  verdictOf: { given: readonly number[]; answer: Verdict };
};

export type OrderName = keyof Orders;

export type ToGenerator = Readonly<{ id: number; name: OrderName; given: Orders[OrderName]['given'] }>;
export type FromGenerator = Readonly<{ id: number; answer?: unknown; error?: string }>;

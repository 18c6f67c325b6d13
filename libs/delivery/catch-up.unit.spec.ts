import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '#libs/protocol/message.js';
import { catchUp, resumeAfter } from './catch-up.js';
import type { CatchUp, CatchUpAction, Step } from './catch-up.js';
import { MessageRing } from './message-ring.js';

const message = (seq: number): Message => ({
  id: `id-${seq}`,
  channel: 'ops',
  seq,
  kind: 'posted',
  bot: 'alice',
  body: `body ${seq}`,
  at: '2026-01-01T00:00:00.000Z',
});

const LIMITS = { messages: 3, weight: 1_000_000, window: 2 };

/** A channel with its stream on disk and its ring in memory, and one bot that writes down what it gets. */
class World {
  readonly received: number[] = [];
  readonly stream: Message[] = [];
  readonly ring: MessageRing;
  private state: CatchUp | undefined;
  private asked: number | undefined;
  private unacknowledged = 0;
  maxUnacknowledged = 0;

  constructor(before: number, ringSize: number) {
    this.ring = new MessageRing(-1, { messages: ringSize, weight: 1_000_000 });
    for (let seq = 0; seq < before; seq += 1) this.post();
  }

  post(): void {
    const next = message(this.stream.length);
    this.stream.push(next);
    this.ring.push(next);
    if (this.state?.phase === 'live') this.received.push(next.seq);
  }

  connect(after: number): void {
    this.asked = undefined;
    this.unacknowledged = 0;
    this.carryOut(resumeAfter(after, this.ring, LIMITS));
  }

  disconnect(): void {
    this.state = undefined;
  }

  acknowledge(): void {
    if (!this.state || this.unacknowledged === 0) return;
    this.unacknowledged -= 1;
    this.carryOut(catchUp(this.state, { type: 'acknowledged' }, this.ring, LIMITS));
  }

  finishRead(): void {
    if (!this.state || this.asked === undefined) return;
    const messages = this.stream.slice(this.asked + 1, this.asked + 1 + LIMITS.messages);
    this.asked = undefined;
    this.carryOut(catchUp(this.state, { type: 'read', messages }, this.ring, LIMITS));
  }

  get live(): boolean {
    return this.state?.phase === 'live';
  }

  private carryOut({ state, actions }: Step): void {
    this.state = state;
    for (const action of actions) this.act(action);
  }

  private act(action: CatchUpAction): void {
    if (action.type === 'read') this.asked = action.after;
    if (action.type !== 'send') return;
    this.received.push(...action.messages.map(({ seq }) => seq));
    this.unacknowledged += 1;
    this.maxUnacknowledged = Math.max(this.maxUnacknowledged, this.unacknowledged);
  }
}

const contiguousFrom = (first: number, length: number): number[] =>
  Array.from({ length }, (_, i) => first + i);

describe('catching up', () => {
  it('goes live at once when nothing was missed', () => {
    const { state, actions } = resumeAfter(-1, new World(0, 4).ring, LIMITS);
    expect(state).toEqual({ phase: 'live' });
    expect(actions).toEqual([{ type: 'go-live', seq: -1 }]);
  });

  it('sends at most the window before the bot acknowledges', () => {
    const world = new World(20, 20);
    world.connect(-1);
    expect(world.received).toEqual(contiguousFrom(0, 6));
    world.acknowledge();
    expect(world.received).toEqual(contiguousFrom(0, 9));
  });

  it('says of each batch whether more lies behind it', () => {
    const { actions } = resumeAfter(-1, new World(4, 4).ring, LIMITS);
    expect(actions.map((action) => action.type === 'send' && action.more)).toEqual([true, false, false]);
  });

  it('says what retention has taken before going on behind it', () => {
    const world = new World(10, 2);
    const waiting = resumeAfter(0, world.ring, LIMITS);
    const read = { type: 'read', messages: [message(5), message(6)] } as const;
    expect(catchUp(waiting.state, read, world.ring, LIMITS).actions.slice(0, 2)).toEqual([
      { type: 'truncated', from: 1, to: 4 },
      { type: 'send', messages: [message(5), message(6)], more: true },
    ]);
  });

  it('asks nothing more of a connection that is live', () => {
    const live: CatchUp = { phase: 'live' };
    expect(catchUp(live, { type: 'acknowledged' }, new World(3, 3).ring, LIMITS)).toEqual({
      state: live,
      actions: [],
    });
  });

  it('delivers each message once, in order, whatever happens in between', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('post' as const) },
      { weight: 4, arbitrary: fc.constant('acknowledge' as const) },
      { weight: 3, arbitrary: fc.constant('finishRead' as const) },
      { weight: 1, arbitrary: fc.constant('reconnect' as const) },
    );
    const history = fc.array(step, { maxLength: 200 });
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 8 }), history, (before, ringSize, steps) => {
        const world = new World(before, ringSize);
        const start = Math.floor(before / 2) - 1;
        world.connect(start);
        for (const one of steps) {
          if (one !== 'reconnect') world[one]();
          else {
            world.disconnect();
            world.connect(world.received.at(-1) ?? start);
          }
        }
        while (!world.live) {
          world.finishRead();
          world.acknowledge();
        }
        expect(world.received).toEqual(contiguousFrom(start + 1, world.stream.length - start - 1));
        expect(world.maxUnacknowledged).toBeLessThanOrEqual(LIMITS.window);
      }),
      { numRuns: 500 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayModel, LIMITS, StreamModel, message, setAsidePlace } from '#test/support/catch-up-model.js';
import type { Given } from '#test/support/catch-up-model.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { catchUp, resumeAfter } from './catch-up.js';
import { MessageRing } from './message-ring.js';
import { isMessage } from './place.js';

const ringOf = (count: number, size: number): MessageRing => {
  const ring = new MessageRing(-1, { messages: size, weight: 1_000_000 });
  for (let seq = 0; seq < count; seq += 1) ring.push(message(seq));
  return ring;
};
const asking = (sent: number, unacknowledged = 0) =>
  ({ phase: 'catching-up', sent, unacknowledged, awaiting: { what: 'turn' } }) as const;
const live = (unacknowledged = 0) => ({ phase: 'live', unacknowledged }) as const;
const turn = { type: 'turn' } as const;

describe('catching up', () => {
  it('goes live at once when nothing was missed', () => {
    expect(resumeAfter(-1, ringOf(0, 4), LIMITS)).toEqual({
      state: live(),
      actions: [{ type: 'go-live', seq: -1 }],
    });
  });

  it('sends one batch a turn, and asks for the next', () => {
    const ring = ringOf(20, 20);
    const begun = resumeAfter(-1, ring, LIMITS);
    expect(begun).toEqual({ state: asking(-1), actions: [{ type: 'ask-turn' }] });
    expect(catchUp(begun.state, turn, ring, LIMITS)).toEqual({
      state: asking(2, 1),
      actions: [{ type: 'send', messages: [0, 1, 2].map(message), more: true }, { type: 'ask-turn' }],
    });
  });

  it('waits for an acknowledgement once the window is full', () => {
    const ring = ringOf(20, 20);
    const full = catchUp(asking(2, 1), turn, ring, LIMITS);
    expect(full.actions.map(({ type }) => type)).toEqual(['send']);
    const again = catchUp(full.state, { type: 'acknowledged' }, ring, LIMITS);
    expect(again).toEqual({ state: asking(5, 1), actions: [{ type: 'ask-turn' }] });
  });

  it('goes live with the last batch, acknowledged or not', () => {
    const { state, actions } = catchUp(asking(0), turn, ringOf(2, 2), LIMITS);
    expect(state).toEqual(live(1));
    expect(actions).toEqual([
      { type: 'send', messages: [message(1)], more: false },
      { type: 'go-live', seq: 1 },
    ]);
  });

  it('reads from the stream what the ring no longer holds', () => {
    const { state, actions } = catchUp(asking(0), turn, ringOf(10, 2), LIMITS);
    expect(actions).toEqual([{ type: 'read', after: 0 }]);
    const read = { type: 'read', places: [message(1), message(2)] } as const;
    expect(catchUp(state, read, ringOf(10, 2), LIMITS).state).toEqual(asking(2, 1));
  });

  it('says which seqs are set aside, and sends no batch with a gap', () => {
    const ring = new MessageRing(-1, { messages: 20, weight: 1_000_000 });
    for (const place of [message(0), setAsidePlace(1), setAsidePlace(2), message(3), setAsidePlace(4)])
      ring.push(place);
    const first = catchUp(asking(-1), turn, ring, LIMITS);
    expect(first.actions).toEqual([
      { type: 'send', messages: [message(0)], more: true },
      { type: 'ask-turn' },
    ]);
    const second = catchUp(first.state, turn, ring, LIMITS);
    expect(second).toEqual({
      state: asking(2, 1),
      actions: [{ type: 'skip', from: 1, to: 2 }, { type: 'ask-turn' }],
    });
    const third = catchUp(second.state, turn, ring, LIMITS);
    expect(third.actions).toEqual([{ type: 'send', messages: [message(3)], more: true }]);
    const fourth = catchUp(third.state, { type: 'acknowledged' }, ring, LIMITS);
    expect(catchUp(fourth.state, turn, ring, LIMITS)).toEqual({
      state: live(1),
      actions: [
        { type: 'skip', from: 4, to: 4 },
        { type: 'go-live', seq: 4 },
      ],
    });
  });

  it('says what retention has removed before it continues after that', () => {
    const ring = ringOf(10, 2);
    const reading = catchUp(asking(0), turn, ring, LIMITS).state;
    const read = { type: 'read', places: [message(5), message(6)] } as const;
    expect(catchUp(reading, read, ring, LIMITS).actions.slice(0, 2)).toEqual([
      { type: 'truncated', from: 1, to: 4 },
      { type: 'send', messages: [message(5), message(6)], more: true },
    ]);
  });

  it('says so when retention has removed everything', () => {
    const ring = ringOf(10, 2);
    const reading = catchUp(asking(0), turn, ring, LIMITS).state;
    expect(catchUp(reading, { type: 'read', places: [] }, ring, LIMITS).actions).toEqual([
      { type: 'truncated', from: 1, to: 9 },
      { type: 'go-live', seq: 9 },
    ]);
  });
});

describe('a live connection that does not read', () => {
  it('leaves, and is live again only at its turn, even if nothing came in the meantime', () => {
    const ring = ringOf(10, 10);
    const fallen = catchUp(live(), { type: 'overflow' }, ring, LIMITS);
    expect(fallen).toEqual({ state: asking(9), actions: [{ type: 'leave' }, { type: 'ask-turn' }] });
    expect(catchUp(fallen.state, { type: 'acknowledged' }, ring, LIMITS)).toEqual({
      state: asking(9),
      actions: [],
    });
    expect(catchUp(fallen.state, turn, ring, LIMITS).state).toEqual(live());
  });

  it('gets no more batches than the window, counting those from before it was live', () => {
    const ring = ringOf(10, 10);
    const { state } = catchUp(live(2), { type: 'overflow' }, ringOf(5, 5), LIMITS);
    const sent = catchUp(state, turn, ring, LIMITS);
    expect(sent.actions).toEqual([]);
  });

  it('falls back once, however often it is told', () => {
    const state = asking(3);
    expect(catchUp(state, { type: 'overflow' }, ringOf(10, 10), LIMITS)).toEqual({ state, actions: [] });
  });
});

/** Everything that can happen. The bot may be connected to either of two gateways. */
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.constant('post' as const) },
  { weight: 2, arbitrary: fc.constant('setAside' as const) },
  { weight: 6, arbitrary: fc.constant('follow' as const) },
  { weight: 5, arbitrary: fc.constant('takeTurn' as const) },
  { weight: 4, arbitrary: fc.constant('acknowledge' as const) },
  { weight: 4, arbitrary: fc.constant('finishRead' as const) },
  { weight: 2, arbitrary: fc.constant('overflow' as const) },
  { weight: 1, arbitrary: fc.constant('reconnect' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  { weight: 1, arbitrary: fc.constant('truncate' as const) },
  { weight: 1, arbitrary: fc.constant('forget' as const) },
);

/** A bot that resumes from what it has seen, over two gateways that follow one stream. */
class Journey {
  readonly stream = new StreamModel();
  readonly gateways: readonly [GatewayModel, GatewayModel];
  readonly given: Given[] = [];
  private current: GatewayModel;

  constructor(
    before: number,
    ringSize: number,
    readonly start: number,
  ) {
    for (let posted = 0; posted < before; posted += 1) this.stream.post();
    this.gateways = [new GatewayModel(this.stream, ringSize), new GatewayModel(this.stream, ringSize)];
    this.current = this.gateways[0];
    this.current.connect(start);
  }

  step(
    what: Exclude<typeof happening extends fc.Arbitrary<infer T> ? T : never, never>,
    other: boolean,
  ): void {
    if (what === 'post') this.stream.post();
    else if (what === 'setAside') this.stream.setAside();
    else if (what === 'truncate') this.stream.truncate(2);
    else if (what === 'follow') this.gateways[other ? 1 : 0].follow();
    else if (what === 'reconnect') this.reconnect(other);
    else if (what === 'restart') {
      this.current.restart();
      this.reconnect(other);
    } else this.current[what]();
  }

  /** Repeats all steps until nothing is left to do. */
  settle(): void {
    for (let left = this.stream.messages.length * 4 + 20; left > 0; left -= 1) {
      for (const gateway of this.gateways) gateway.follow();
      this.current.takeTurn();
      this.current.finishRead();
      this.current.acknowledge();
    }
    this.collect();
  }

  get live(): boolean {
    return this.current.live;
  }

  private reconnect(other: boolean): void {
    this.collect();
    this.current.disconnect();
    this.current = this.gateways[other ? 1 : 0];
    const seen = this.given.at(-1)?.to ?? this.start;
    // A gateway refuses a position that it does not know yet; the client retries until it does.
    while (this.current.head < seen) this.current.follow();
    this.current.connect(seen);
  }

  private collect(): void {
    this.given.push(...this.current.given.splice(0));
  }
}

describe('whatever happens in between', () => {
  it('each message comes once and in order, or is reported as gone or set aside', () => {
    const steps = fc.array(fc.tuple(happening, fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 8 }), steps, (before, ringSize, history) => {
        const journey = new Journey(before, ringSize, Math.floor(before / 2) - 1);
        for (const [what, other] of history) journey.step(what, other);
        journey.settle();
        let due = journey.start + 1;
        for (const { from, to, truncated, setAside } of journey.given) {
          expect(from).toBe(due);
          const places = truncated ? [] : journey.stream.messages.slice(from, to + 1);
          expect(places.every((place) => isMessage(place) !== (setAside ?? false))).toBe(true);
          if (truncated) expect(to).toBeLessThan(journey.stream.kept);
          due = to + 1;
        }
        expect(due).toBe(journey.stream.messages.length);
        expect(journey.live).toBe(true);
        for (const { maxUnacknowledged } of journey.gateways)
          expect(maxUnacknowledged).toBeLessThanOrEqual(LIMITS.window);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });
});

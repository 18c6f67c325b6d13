import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPresence } from './presence-plan.js';
import type { HeldConnections } from './presence-plan.js';
import { evolvePresence, neverSeen } from './presence.js';
import type { BotPresence } from './presence.js';
import type { PresenceEvent } from './presence.events.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

type Live = { connection: string; consumer: string; announced: boolean; began: number; seen: number };

/** A stream that accepts appends only at the expected revision. */
class Stream {
  readonly events: PresenceEvent[] = [];

  append(events: readonly PresenceEvent[], expected: number): boolean {
    if (expected !== this.events.length - 1) return false;
    this.events.push(...events);
    return true;
  }
}

/** A gateway that may lag a little behind the stream. */
class Gateway {
  live: Live[] = [];
  readonly ended = new Map<string, string>();
  readonly lost = new Set<string>();
  board: BotPresence = neverSeen;

  constructor(
    readonly name: string,
    private readonly stream: Stream,
  ) {}

  connect(connection: string, consumer: string, began: number): void {
    for (const older of this.live.filter((one) => one.consumer === consumer))
      this.disconnect(older.connection, 'superseded');
    this.live.push({ connection, consumer, announced: false, began, seen: this.board.revision });
  }

  disconnect(connection: string, reason: string): void {
    this.live = this.live.filter((one) => one.connection !== connection);
    this.ended.set(connection, reason);
  }

  read(count = Infinity): void {
    const unread = this.stream.events.slice(this.board.revision + 1).slice(0, count);
    for (const event of unread)
      this.board = evolvePresence(this.board, { event, revision: this.board.revision + 1, at: 't' });
    const open = new Set(this.board.connections.map(({ connection }) => connection));
    for (const one of this.live) one.announced ||= open.has(one.connection);
  }

  /** Returns true if there was something to do. */
  act(): boolean {
    const held: HeldConnections = { live: this.live, ended: this.ended };
    const plan = planPresence('alice', held, this.board, { gateway: this.name, lost: this.lost });
    for (const connection of plan.superseded) this.disconnect(connection, 'superseded');
    if (plan.events.length > 0) this.stream.append(plan.events, this.board.revision);
    return plan.events.length + plan.superseded.length > 0;
  }
}

const step = fc.record({
  gateway: fc.nat(2),
  what: fc.constantFrom('connect', 'connect', 'disconnect', 'read one', 'read', 'act', 'blame', 'hear'),
  consumer: fc.constantFrom('a', 'b'),
  other: fc.nat(2),
});

const settle = (gateways: readonly Gateway[]): void => {
  for (let round = 0; round < 50; round += 1) {
    const busy = gateways.map((gateway) => {
      gateway.read();
      return gateway.act();
    });
    for (const gateway of gateways) gateway.read();
    if (!busy.includes(true)) return;
  }
  throw new Error('They never agree');
};

describe('what gateways record of a bot', () => {
  it('ends up as what they hold, with one connection per consumer, whatever happened on the way', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const stream = new Stream();
        const gateways = ['x', 'y', 'z'].map((name) => new Gateway(name, stream));
        const newest = new Map<string, string>();
        steps.forEach(({ gateway: index, what, consumer, other }, number) => {
          const gateway = gateways[index]!;
          if (what === 'connect') {
            gateway.connect(`c${number}`, consumer, number);
            newest.set(consumer, `c${number}`);
          }
          if (what === 'disconnect' && gateway.live[0])
            gateway.disconnect(gateway.live[0].connection, 'left');
          if (what === 'read one') gateway.read(1);
          if (what === 'read') gateway.read();
          if (what === 'act') gateway.act();
          if (what === 'blame' && other !== index) gateway.lost.add(gateways[other]!.name);
          if (what === 'hear') gateway.lost.clear();
        });
        // In the end all gateways are alive, so each one hears from the others again.
        for (const gateway of gateways) gateway.lost.clear();
        settle(gateways);
        const held = gateways.flatMap(({ live }) => live);
        const open = gateways[0]!.board.connections;
        expect(open.map(({ connection }) => connection).toSorted()).toEqual(
          held.map(({ connection }) => connection).toSorted(),
        );
        expect(new Set(held.map(({ consumer }) => consumer)).size).toBe(held.length);
        // A gateway that is taken for dead may lose its connections to older ones.
        if (steps.some(({ what }) => what === 'blame')) return;
        for (const connection of newest.values())
          expect(gateways.map(({ ended }) => ended.get(connection))).not.toContain('superseded');
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it('closes what a lost gateway had open', () => {
    const stream = new Stream();
    const [dead, alive] = [new Gateway('x', stream), new Gateway('y', stream)];
    dead.connect('c1', 'a', 1);
    dead.act();
    alive.read();
    expect(alive.act()).toBe(false);
    alive.lost.add('x');
    settle([alive]);
    expect(stream.events.at(-1)).toMatchObject({
      type: 'BotDisconnected',
      data: { connection: 'c1', gateway: 'x', reason: 'gateway_lost' },
    });
  });

  it('announces again what others closed too soon, unless the consumer has come back elsewhere', () => {
    const stream = new Stream();
    const [paused, other] = [new Gateway('x', stream), new Gateway('y', stream)];
    paused.connect('c1', 'a', 1);
    paused.connect('c2', 'b', 2);
    paused.act();
    paused.read();
    other.read();
    other.lost.add('x');
    other.act();
    other.connect('c3', 'b', 3);
    settle([other]);
    other.lost.clear();
    settle([paused, other]);
    expect(paused.live.map(({ connection }) => connection)).toEqual(['c1']);
    expect(other.live.map(({ connection }) => connection)).toEqual(['c3']);
    expect(other.board.connections.map(({ connection }) => connection)).toEqual(['c3', 'c1']);
  });

  it('does not announce a connection that its bot gave up while its gateway hung', () => {
    const stream = new Stream();
    const [hung, other] = [new Gateway('x', stream), new Gateway('y', stream)];
    hung.connect('c1', 'a', 1); // it hangs before it can say so, and the bot goes elsewhere
    other.connect('c2', 'a', 2);
    settle([other]);
    settle([hung, other]);
    expect(hung.ended.get('c1')).toBe('superseded');
    expect(other.live.map(({ connection }) => connection)).toEqual(['c2']);
    expect(stream.events).toHaveLength(1);
  });

  it('takes over from a connection whose gateway has a clock that is ahead', () => {
    const stream = new Stream();
    const [ahead, other] = [new Gateway('x', stream), new Gateway('y', stream)];
    ahead.connect('c1', 'a', 10_000);
    settle([ahead, other]);
    other.connect('c2', 'a', 2);
    settle([ahead, other]);
    expect(ahead.ended.get('c1')).toBe('superseded');
    expect(other.live.map(({ connection }) => connection)).toEqual(['c2']);
  });

  it('names the reason for the end of a connection, and says so when nobody saw it', () => {
    const recorded = ['c1', 'c2'].map((connection) => ({
      connection,
      consumer: connection,
      gateway: 'x',
      revision: 0,
    }));
    const { events } = planPresence(
      'alice',
      { live: [], ended: new Map([['c1', 'timed_out']]) },
      { connections: recorded, revision: 0 },
      { gateway: 'x', lost: new Set() },
    );
    expect(events.map(({ data }) => (data as { reason?: string }).reason)).toEqual([
      'timed_out',
      'connection_lost',
    ]);
  });
});

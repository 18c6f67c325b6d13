import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from '#libs/protocol/errors.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { Allowance } from '../limits/allowances.js';
import { LoopTurns, TurnShare } from '../limits/loop-turns.js';
import type { EngineConnection, Frame } from './engine-connection.js';
import { Intake } from './intake.js';
import { INTAKE_LIMITS } from './intake-limits.js';
import type { Sender } from './sender.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A WebSocket that keeps what was sent until the spec takes it. */
class FakeConnection extends EventEmitter {
  readonly written: string[] = [];
  readonly writeBuffer: { data: string }[] = [];
  readonly pingTimeoutTimer = null;
  readyState = 'open';
  isRead = true;
  readonly transport = Object.assign(new EventEmitter(), {
    name: 'websocket',
    socket: {
      bufferedAmount: 0,
      pause: () => (this.isRead = false),
      resume: () => (this.isRead = true),
      terminate: () => undefined,
    },
  });

  write(packet: string): void {
    this.written.push(packet);
  }

  close(): void {
    this.readyState = 'closed';
  }
}

const event = (id: number, filling = ''): string => `2/bots,${id}["post","${filling}"]`;

const scene = (
  allowed = { rate: 100, burst: 200 },
  requests = INTAKE_LIMITS.requests,
  share = new TurnShare(new LoopTurns(Infinity), Infinity),
) => {
  const connection = new FakeConnection();
  const handed: Frame[] = [];
  const words: string[] = [];
  const refused = new Set<number>();
  let asked = 0;
  const sender: Sender = {
    allowance: new Allowance(allowed),
    refusalOf: () =>
      refused.has((asked += 1)) ? new RequestError('rate_limited', 'Too many', 7) : undefined,
    dismiss: () => void words.push('dismissed'),
  };
  const intake = new Intake(
    connection as unknown as EngineConnection,
    (frame) => void handed.push(frame),
    new Allowance({ rate: 2, burst: 16 }),
    new Allowance({ rate: 0.2, burst: 8 }),
    { stranger: share, sender: share },
    { ...INTAKE_LIMITS, requests },
  );
  intake.enter('/bots', sender);
  return { connection, intake, sender, handed, words, refused };
};

describe('input of a connection', () => {
  it('passes in order, each packet once, and never more requests at once than allowed', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('frames' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ type: fc.constant('answers' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ type: fc.constant('time' as const), count: fc.integer({ min: 1, max: 500 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { intake, handed } = scene({ rate: 200, burst: 50 }, 20);
        let [sent, answered] = [0, 0];
        for (const { type, count } of steps) {
          if (type === 'frames') for (let n = 0; n < count; n += 1) intake.receive(event((sent += 1)));
          if (type === 'time') vi.advanceTimersByTime(count);
          const due = type === 'answers' ? Math.min(count, handed.length - answered) : 0;
          for (let n = 0; n < due; n += 1) {
            answered += 1;
            intake.answered();
          }
          expect(handed.length - answered).toBeLessThanOrEqual(20);
          expect(handed).toEqual(Array.from(handed, (_, index) => event(index + 1)));
        }
        intake.end();
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('is answered without being read when it is refused, and its attachments are skipped', () => {
    const { connection, intake, handed, refused } = scene();
    for (const number of [1, 2]) refused.add(number);
    intake.receive('51-/bots,7["post",{"_placeholder":true,"num":0}]');
    intake.receive(Buffer.from('attached'));
    intake.receive('2/bots,["no","answer","asked","for"]');
    intake.receive(event(8));
    expect(handed).toEqual([event(8)]);
    expect(connection.written).toHaveLength(1);
    expect(connection.written[0]).toMatch(
      /^3\/bots,7\[\{"ok":false,"error":\{"code":"rate_limited".*"retryAfterMs":7/,
    );
  });

  it('stays in the network while too much waits, and is read again once it is paid for', () => {
    const { connection, intake, handed } = scene({ rate: 1_000, burst: 10 });
    for (let n = 0; n < 1_000; n += 1) intake.receive(event(n, 'x'.repeat(100)));
    expect(connection.isRead).toBe(false);
    expect(handed.length).toBeLessThan(20);
    vi.advanceTimersByTime(2_000);
    expect(handed).toHaveLength(INTAKE_LIMITS.requests);
    for (let n = 0; n < 1_000; n += 1) intake.answered();
    expect(connection.isRead).toBe(true);
    expect(handed).toHaveLength(1_000);
  });

  it('passes in the following turns, in order, when all that waited may go on at once', () => {
    const turns: (() => void)[] = [];
    const later = (call: () => void): void => void turns.push(call);
    const share = new TurnShare(new LoopTurns(Infinity, undefined, later), 10);
    const { intake, handed } = scene({ rate: 1_000, burst: 1_000 }, 20, share);
    for (let n = 1; n <= 100; n += 1) intake.receive(event(n));
    expect(handed).toHaveLength(20);
    // Each answer lets one more request through, in the same turn of the event loop.
    for (let n = 0; n < 100; n += 1) intake.answered();
    expect(handed).toHaveLength(30);
    for (let before = 30; turns.length > 0; before = handed.length) {
      turns.shift()!();
      for (let n = before; n < handed.length; n += 1) intake.answered();
      expect(handed.length - before).toBeLessThanOrEqual(10);
    }
    expect(handed).toEqual(Array.from({ length: 100 }, (_, index) => event(index + 1)));
  });

  it('of strangers waits for a turn before it is counted', () => {
    const turns: (() => void)[] = [];
    const later = (call: () => void): void => void turns.push(call);
    const share = new TurnShare(new LoopTurns(Infinity, undefined, later), 2);
    const { intake, sender, handed } = scene(undefined, undefined, share);
    intake.leave('/bots', sender);
    for (let n = 1; n <= 5; n += 1) intake.receive(`0/n${n},`);
    expect(handed).toHaveLength(2);
    while (turns.length > 0) turns.shift()!();
    expect(handed).toEqual(['0/n1,', '0/n2,', '0/n3,', '0/n4,', '0/n5,']);
  });

  it('waits while answers are not read', () => {
    const { connection, intake, handed } = scene();
    connection.transport.socket.bufferedAmount = INTAKE_LIMITS.unread.most + 1;
    intake.receive(event(1));
    expect(handed).toEqual([]);
    connection.transport.socket.bufferedAmount = INTAKE_LIMITS.unread.goOn;
    connection.transport.emit('ready');
    expect(handed).toEqual([event(1)]);
  });

  it.each([
    ['requests', (intake: Intake) => intake.receive('2/bots,["x"]')],
    ['acknowledgements', (intake: Intake) => intake.receive('3/bots,7[]')],
    ['heartbeats', (intake: Intake) => intake.heartbeat()],
  ])('that exceeds its allowance without an end ends with a notice: %s', (_, send) => {
    const { connection, intake, handed, words } = scene();
    for (let ms = 0; ms < 20_000 && connection.readyState === 'open'; ms += 100) {
      if (connection.isRead) for (let n = 0; n < 200; n += 1) send(intake);
      for (let n = handed.length; n > 0; n -= 1) intake.answered();
      vi.advanceTimersByTime(100);
    }
    expect(words).toEqual(['dismissed']);
    expect(connection.readyState).toBe('closed');
  });

  it('that exceeds its allowance over polling ends before its client gives up the request', () => {
    const { connection, intake, words } = scene();
    connection.transport.name = 'polling';
    for (let n = 0; n < 5_000; n += 1) intake.receive(event(n));
    // A waiting caller asks again, as a payload does for each of its packets.
    let read = 0;
    const readOn = (): void => {
      read += 1;
      expect(read === 2 || intake.callWhenReadable(readOn)).toBe(true);
    };
    expect(intake.callWhenReadable(readOn)).toBe(true);
    vi.advanceTimersByTime(5_000);
    expect(read).toBe(2);
    expect(words).toEqual(['dismissed']);
    expect(connection.readyState).toBe('closed');
  });

  it('in bursts with pauses in between does not end the connection', () => {
    const { connection, intake, words } = scene({ rate: 100, burst: 200 });
    for (let burst = 0; burst < 20; burst += 1) {
      for (let n = 0; n < 300; n += 1) intake.receive('3/bots,7[]');
      vi.advanceTimersByTime(4_000);
    }
    expect([words, connection.readyState]).toEqual([[], 'open']);
  });

  it('without a key ends the connection after a few handshakes', () => {
    const { connection, intake, sender } = scene();
    intake.leave('/bots', sender);
    for (let n = 0; n < 8; n += 1) intake.receive('0/nowhere,');
    expect(connection.readyState).toBe('open');
    intake.receive('0/nowhere,');
    expect(connection.readyState).toBe('closed');
  });
});

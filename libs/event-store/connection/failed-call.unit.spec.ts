import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { isDoubtful, isLost, leaderNamedIn } from './failed-call.js';
import type { Ending } from './failed-call.js';

const ending = (code: number, details = '', trailers: Record<string, string> = {}): Ending => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
};
const refusal = (more: Record<string, string>) =>
  ending(status.NOT_FOUND, 'Leader info available', { exception: 'not-leader', ...more });

describe('how a call ended', () => {
  it('names the leader when the member is not the leader', () => {
    const named = refusal({ 'leader-endpoint-host': 'b.example', 'leader-endpoint-port': '2114' });
    expect(leaderNamedIn(named)).toEqual({ address: 'b.example', port: 2114 });
  });

  it.each([
    [refusal({})],
    [refusal({ 'leader-endpoint-host': 'b' })],
    [refusal({ 'leader-endpoint-host': 'b', 'leader-endpoint-port': 'x' })],
    [refusal({ 'leader-endpoint-host': '', 'leader-endpoint-port': '2113' })],
    [ending(status.NOT_FOUND, '', { exception: 'stream-not-found', 'leader-endpoint-host': 'b' })],
  ])('names no leader if the trailers do not', (given) => {
    expect(leaderNamedIn(given)).toBeUndefined();
  });

  it.each([
    [ending(status.UNAVAILABLE), true],
    [ending(status.CANCELLED, 'Received RST_STREAM with code 8'), true],
    [ending(status.UNKNOWN, 'write after end'), true],
    [ending(status.CANCELLED, 'Cancelled on client'), false],
    [ending(status.OK), false],
    [ending(status.PERMISSION_DENIED), false],
    [ending(status.FAILED_PRECONDITION), false],
  ])('tells a lost server from one that answered, and from our own cancellation', (given, lost) => {
    expect(isLost(given)).toBe(lost);
    expect(isDoubtful(given)).toBe(lost);
  });

  it('is a reason to look for the leader when the member could not finish it', () => {
    for (const code of [status.UNKNOWN, status.INTERNAL, status.ABORTED, status.DEADLINE_EXCEEDED])
      expect([isLost(ending(code)), isDoubtful(ending(code))]).toEqual([false, true]);
  });
});

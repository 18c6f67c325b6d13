import { describe, expect, it } from 'vitest';
import { SILENT_BEATS, expecting, heard, silent } from './gateway-roll.js';
import type { GatewayRoll } from './gateway-roll.js';

const self = 'me';
const seen = (gateway: string) => ({ type: 'GatewaySeen', data: { gateway } }) as const;
const beats = (roll: GatewayRoll, ...gateways: string[]): GatewayRoll =>
  gateways.reduce((before, gateway) => heard(before, self, seen(gateway)), roll);
const own = (count: number): string[] => Array.from({ length: count }, () => self);

describe('the roll of gateways', () => {
  it('reports one that has been silent for some of our own heartbeats', () => {
    const roll = beats(new Map(), 'x', 'y', ...own(SILENT_BEATS - 1), 'y', self);
    expect(silent(roll)).toEqual(['x']);
  });

  it('reports nobody while we have written no heartbeat ourselves', () => {
    expect(silent(beats(new Map(), 'x', 'y', 'y', 'y', 'y', 'y', 'y'))).toEqual([]);
  });

  it('expects those who are known from elsewhere, without forgetting their silence', () => {
    const roll = beats(expecting(new Map(), ['x']), ...own(SILENT_BEATS - 1));
    expect(silent(roll)).toEqual([]);
    expect(silent(beats(expecting(roll, ['x']), self))).toEqual(['x']);
  });

  it('does not expect one that has stopped, nor itself', () => {
    const stopped = { type: 'GatewayStopped', data: { gateway: 'x' } } as const;
    const roll = heard(beats(new Map(), 'x', self), self, stopped);
    expect(roll.size).toBe(0);
  });
});

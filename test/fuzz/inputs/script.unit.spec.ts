import { describe, expect, it } from 'vitest';
import { sequence } from '#test/support/sequence.js';
import { valuePool } from './odd-values.js';
import { INPUTS_A_SCRIPT, scriptOf } from './script.js';
import type { Script } from './script.js';

const SCENE = {
  bots: ['bot.a.aaaaaaaa.key', 'bot.b.aaaaaaaa.key'],
  shared: 'bot.s.aaaaaaaa.key',
  admin: 'admin.aaaaaaaa.key',
  auditor: 'auditor.aaaaaaaa.key',
  channel: 'open',
  closed: 'closed',
  routes: [
    { method: 'GET', path: '/v1/bots/{name}', query: ['minPosition'] },
    { method: 'POST', path: '/v1/messages', query: [] },
  ],
  epochMs: 1_700_000_000_000,
};

const scripts = (seed: number, count: number): Script[] => {
  const pool = valuePool(seed);
  return sequence(1, count).map((number) => scriptOf(seed, number, SCENE, pool));
};

const comparable = (seed: number): string =>
  JSON.stringify(scripts(seed, 40).filter(({ door }) => door !== 'grpc'));

describe('scripts of malformed inputs', () => {
  it('are the same for a seed and a number, except for ids that must be new', () => {
    expect(comparable(7) === comparable(7)).toBe(true);
    expect(comparable(7) === comparable(8)).toBe(false);
  });

  it('come to every door, as everybody, in pieces of one size', () => {
    const made = scripts(1, 300);
    expect(new Set(made.map(({ door }) => door))).toEqual(
      new Set(['websocket', 'polling', 'http', 'grpc', 'http2']),
    );
    const whos = made.flatMap((script) => ('who' in script ? [script.who] : []));
    expect(new Set(whos)).toEqual(new Set(['nobody', 'bot', 'admin', 'auditor']));
    for (const { inputs } of made) expect(inputs).toHaveLength(INPUTS_A_SCRIPT);
  });
});

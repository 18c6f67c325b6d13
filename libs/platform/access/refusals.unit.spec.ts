import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { issueKey } from '../keys/access-key.js';
import { noteRefusal, registerRefusalMetrics, sayRefusals, shownBy } from './refusals.js';

const { key, keyId } = issueKey({ role: 'auditor' });

afterEach(() => sayRefusals(() => undefined));

const figures = async (route: string): Promise<string[]> => {
  const registry = new Registry();
  registerRefusalMetrics(registry);
  return (await registry.metrics()).split('\n').filter((line) => line.includes(`route="${route}"`));
};

describe('attempts that are refused', () => {
  it('are reported with the claims of the key, and never with the key', () => {
    expect(shownBy(key)).toEqual({ role: 'auditor', keyId });
    expect([undefined, 'nonsense', 7, null, {}].map((shown) => shownBy(shown).role)).toEqual([
      'no key',
      ...Array.from({ length: 4 }, () => 'not a key'),
    ]);
  });

  it('are all counted by code, route and role, if the sender was the reason', async () => {
    const route = 'GET /counted/:name';
    for (let id = 0; id < 3; id += 1) noteRefusal({ code: 'forbidden', route, role: 'bot', keyId: `${id}` });
    noteRefusal({ code: 'unauthenticated', route, ...shownBy(key) });
    noteRefusal({ code: 'unknown_bot', route, role: 'admin' });
    expect(await figures(route)).toEqual([
      `verbatim_refused_attempts_total{code="forbidden",route="${route}",role="bot"} 3`,
      `verbatim_refused_attempts_total{code="unauthenticated",route="${route}",role="auditor"} 1`,
    ]);
  });

  it('are logged once in ten seconds for each kind, with how many were not logged', () => {
    const said: unknown[] = [];
    sayRefusals((refusal, untold) => void said.push({ ...refusal, untold }));
    const refusal = {
      code: 'forbidden',
      route: 'GET /logged',
      role: 'bot',
      keyId: 'k',
      address: '::1',
    } as const;
    for (const at of [0, 1, 9_999, 10_000]) noteRefusal(refusal, at);
    noteRefusal({ ...refusal, route: 'GET /another' }, 1);
    expect(said).toEqual([
      { ...refusal, untold: 0 },
      { ...refusal, untold: 2 },
      { ...refusal, route: 'GET /another', untold: 0 },
    ]);
  });
});

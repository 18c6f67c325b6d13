import { describe, expect, it } from 'vitest';
import { CONNECT_TIMEOUT_MS } from '#libs/projections/postgres/data-source.js';
import { Outage, PROBE_EVERY_MS } from './outage.js';

describe('an outage', () => {
  it('is over at the first probe that is answered, and probes come often enough to be back in five seconds', async () => {
    let looks = 0;
    const outage = new Outage(async () => {
      looks += 1;
      if (looks < 3) throw new Error('away');
    });
    outage.began();
    outage.began();
    expect(outage.isOn).toBe(true);
    await expect.poll(() => outage.isOn, { timeout: 10_000 }).toBe(false);
    expect(looks).toBe(3);
    expect(PROBE_EVERY_MS + CONNECT_TIMEOUT_MS).toBeLessThan(5_000);
  });
});

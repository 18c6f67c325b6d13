import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '#tools/harness/random.js';
import { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { SpoilingProxy } from '../../../planting/spoiling-proxy.js';
import type { Plant } from '../../../planting/plants.js';
import type { Stage } from '../stage.js';
import { judgeLostConnections } from './judge-lost-connections.js';
import { loseConnections } from './lose-connections.js';

describe('connections of a real system, lost once', () => {
  let system: Verbatim;

  beforeAll(async () => {
    system = await startVerbatim({ env: { VERBATIM_LOG_LEVEL: 'error' } });
  });
  afterAll(() => system?.remove());

  const missed = async (...plants: readonly Plant[]): Promise<readonly string[]> => {
    const proxy = await SpoilingProxy.start(system.url, new Set(plants));
    const stage: Stage = {
      api: system,
      front: new VerbatimApi(proxy.url, system.adminKey),
      isRemote: false,
      prefix: `with-${plants.join('-') || 'nothing'}-`,
      random: new Random(1),
      signal: new AbortController().signal,
      tell: () => undefined,
    };
    try {
      return missedIn(judgeLostConnections(await loseConnections(stage, 1)));
    } finally {
      await proxy.close();
    }
  };

  it('are back in time and exact', async () => {
    expect(await missed()).toEqual([]);
  });

  it('miss their target when messages are dropped on the way', async () => {
    expect(await missed('drop')).toEqual(['faults.d.exact']);
  });
});

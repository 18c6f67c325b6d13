import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { SpoilingProxy } from '../../planting/spoiling-proxy.js';
import type { PhaseContext } from '../phase.js';

/** A Verbatim in one process whose stores are others, so that each can be away for as long as one likes. */
export type ApartEngines = Readonly<{
  roles: Roles;
  api: VerbatimApi;
  /** The same, as bots and readers reach it. */
  front: VerbatimApi;
  close(): Promise<void>;
}>;

/** @throws Error with what the failing process printed; nothing is left behind then */
export const startApartEngines = async (planted: PhaseContext['planted']): Promise<ApartEngines> => {
  const roles = await startRoles({ wholes: 1 });
  const { api } = roles.wholes[0]!;
  const proxy = planted.size > 0 ? await SpoilingProxy.start(api.url, planted) : undefined;
  return {
    roles,
    api,
    front: proxy ? new VerbatimApi(proxy.url, api.adminKey) : api,
    close: async () => {
      await proxy?.close();
      await roles.remove();
    },
  };
};

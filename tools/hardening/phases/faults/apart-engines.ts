import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';
import { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { SpoilingProxy } from '../../planting/spoiling-proxy.js';
import type { PhaseContext } from '../phase.js';

/** A Verbatim in one process, with its stores in others, so that each store can be away for as long as needed. */
export type ApartEngines = Readonly<{
  roles: Roles;
  api: VerbatimApi;
  /** The same system at the address that bots and readers use, behind planted faults. */
  front: VerbatimApi;
  close(): Promise<void>;
}>;

/** Starts the system. @throws Error with the output of the process that failed; then nothing is left behind */
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

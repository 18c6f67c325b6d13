import { randomBytes } from 'node:crypto';
import { SETTINGS } from '#libs/platform/config/settings.js';
import type { Settings } from '#libs/platform/config/settings.js';

/** Names this run of this process in the events it writes: two gateways may share a node's name, and a run ends. */
export const INSTANCE = Symbol('instance');

export const instanceProvider = {
  provide: INSTANCE,
  inject: [SETTINGS],
  useFactory: ({ node }: Settings): string => `${node}/${randomBytes(4).toString('hex')}`,
};

import { fileURLToPath } from 'node:url';
import { RoleProcess } from '#tools/harness/processes/role-process.js';
import type { RoleServer, Roles } from '#tools/harness/system/roles.js';
import { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { freePort } from '#libs/platform/free-port.js';

const CONFIGURATION = fileURLToPath(new URL('../../ops/haproxy/haproxy.cfg', import.meta.url));

/** Debian's HAProxy in front of the roles, with the configuration that we ship. */
export type Balancer = Readonly<{ process: RoleProcess; api: VerbatimApi; port: number }>;

/** Needs two gateways and an admin. Kill it before the roles are removed. */
export const startBalancer = async (roles: Roles): Promise<Balancer> => {
  const port = await freePort();
  const api = new VerbatimApi(`http://127.0.0.1:${port}`, roles.adminKey);
  const process = new RoleProcess({
    name: 'HAProxy',
    command: ['haproxy', '-db', '-f', CONFIGURATION],
    env: {
      PATH: globalThis.process.env['PATH'],
      LISTEN: `127.0.0.1:${port}`,
      GATEWAY_1: address(roles.gateways[0]),
      GATEWAY_2: address(roles.gateways[1]),
      ADMIN: address(roles.admins[0]),
      AUDIT: address(roles.audits[0]),
    },
    isReady: () =>
      fetch(`${api.url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  await process.start();
  return { process, api, port };
};

/** Returns the address of a role. Nothing listens on port 1, so it stands for a role that is not there. */
const address = (role: RoleServer | undefined): string => `127.0.0.1:${role?.port ?? 1}`;

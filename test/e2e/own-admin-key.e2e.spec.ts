import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRoles } from '#tools/harness/system/roles.js';
import type { Roles } from '#tools/harness/system/roles.js';

let roles: Roles;

beforeAll(async () => {
  roles = await startRoles({ gateways: 1, audits: 1 });
});
afterAll(() => roles?.remove());

it('an admin key of the operator is valid although no process has the role admin', async () => {
  const [gateway, audit] = [roles.gateways[0]!, roles.audits[0]!];
  await expect(gateway.api.createBot('alice')).resolves.toMatch(/^vb_bot\.alice\./);
  const { status, text } = await audit.api.request('GET', '/v1/audit/events?type=OperatorKeyIssued');
  expect(status).toBe(200);
  expect(text.trim().split('\n')).toHaveLength(1);
});

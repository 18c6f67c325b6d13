import type { Role } from './caller.js';

/** Says who may pass, and in words what else is required of them besides their role. */
export type Rule = Readonly<{
  who: readonly Role[] | 'anybody';
  /** The bot must be a member of the named channel. The handlers check that against the log, each when it needs to. */
  member?: true;
  also?: string;
}>;

/**
 * Maps each door to its rule. A door is `<method> <route>` over HTTP (the route as Express knows it), `CONNECT
 * <namespace>` for a session over Socket.IO and `<namespace> <event>` for a request in that session.
 */
export type Matrix = Readonly<Record<string, Rule>>;

const ADMIN: Rule = { who: ['admin'] };
const PEOPLE: Rule = { who: ['admin', 'auditor'] };
const BOT: Rule = { who: ['bot'] };
const MEMBER: Rule = { who: ['bot'], member: true };
const OPEN: Rule = { who: 'anybody' };

/**
 * Lists every door and who may pass. The guards of HTTP and Socket.IO look up a role only here, and a door that is
 * missing from the table is closed to everybody. `docs/access.md` is generated from the table, and its tests try each
 * cell.
 */
export const ACCESS_MATRIX: Matrix = {
  'GET /health/live': OPEN,
  'GET /health/ready': OPEN,
  'GET /metrics': { who: 'anybody', also: 'from this machine, or with the token' },

  'POST /v1/bots': ADMIN,
  'GET /v1/bots': ADMIN,
  'GET /v1/bots/:name': ADMIN,
  'POST /v1/bots/:name/keys': ADMIN,
  'DELETE /v1/bots/:name/keys/:id': ADMIN,
  'POST /v1/bots/:name/suspend': ADMIN,
  'POST /v1/bots/:name/reinstate': ADMIN,
  'POST /v1/channels': ADMIN,
  'GET /v1/channels': ADMIN,
  'GET /v1/channels/:channel': ADMIN,
  'POST /v1/channels/:channel/archive': ADMIN,
  'PUT /v1/channels/:channel/members/:bot': ADMIN,
  'DELETE /v1/channels/:channel/members/:bot': ADMIN,
  'GET /v1/messages': ADMIN,
  'GET /v1/stats': ADMIN,
  'GET /v1/projections': ADMIN,
  'POST /v1/projections/:name/rebuild': ADMIN,
  'POST /v1/projections/:name/recount': ADMIN,
  'POST /v1/projections/:name/revert': ADMIN,
  'POST /v1/projections/:name/pause': ADMIN,
  'POST /v1/projections/:name/resume': ADMIN,
  'POST /v1/keys': ADMIN,
  'GET /v1/keys': ADMIN,
  'DELETE /v1/keys/:id': ADMIN,
  'GET /v1/damaged': ADMIN,
  'POST /v1/damaged': ADMIN,

  'POST /v1/messages': MEMBER,
  'GET /v1/channels/:channel/messages': MEMBER,

  'GET /v1/messages/:bot/:id/proof': { who: ['bot', 'admin', 'auditor'], member: true },

  'GET /v1/audit/events': PEOPLE,
  'GET /v1/audit/log/checkpoint': PEOPLE,
  'GET /v1/audit/log/checkpoint/witnessed': PEOPLE,
  'GET /v1/audit/log/key': PEOPLE,
  'GET /v1/audit/log/keys': { who: ['bot', 'admin', 'auditor'] },
  'POST /v1/audit/log/keys/rotate': ADMIN,
  'POST /v1/audit/log/keys/replace': ADMIN,
  'GET /v1/audit/log/tile/*path': PEOPLE,
  'GET /v1/audit/why/:id': PEOPLE,
  'POST /v1/audit/verify': PEOPLE,
  'GET /v1/audit/verify': PEOPLE,
  'DELETE /v1/audit/verify': PEOPLE,
  'GET /v1/audit/deliveries': PEOPLE,

  'CONNECT /bots': BOT,
  '/bots post': MEMBER,
  '/bots edit': { ...MEMBER, also: 'own messages' },
  '/bots redact': { ...MEMBER, also: 'own messages' },
  '/bots ack': MEMBER,
  '/bots join': { who: ['bot'], also: 'public channels; an admin adds bots to private ones' },
  '/bots leave': BOT,
  '/bots history': MEMBER,
  '/bots who': MEMBER,
  '/bots signal': MEMBER,

  'CONNECT /audit': PEOPLE,
  '/audit replay': PEOPLE,
  '/audit stop': { ...PEOPLE, also: 'replays of the same connection' },

  'CONNECT /admin': ADMIN,
};

/** Returns the rule of a door, or undefined when the table does not list it. */
export const ruleOf = (door: string, matrix: Matrix = ACCESS_MATRIX): Rule | undefined =>
  Object.hasOwn(matrix, door) ? matrix[door] : undefined;

/** Returns whether callers with this role may pass. */
export const isOpenTo = (role: Role, door: string, matrix: Matrix = ACCESS_MATRIX): boolean => {
  const who = ruleOf(door, matrix)?.who ?? [];
  return who === 'anybody' || who.includes(role);
};

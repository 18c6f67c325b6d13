import type { Role } from './caller.js';

/** Who may pass, and what is asked of them beyond their role, in words. */
export type Rule = Readonly<{
  who: readonly Role[] | 'anybody';
  /** The bot must be in the channel named. Verbs and commands ask the log for that, each when it must. */
  member?: true;
  also?: string;
}>;

/**
 * A door is `<method> <route>` over HTTP, as Express knows the route, `CONNECT <namespace>` for a session over Socket.IO
 * and `<namespace> <event>` for a request there.
 */
export type Matrix = Readonly<Record<string, Rule>>;

const ADMIN: Rule = { who: ['admin'] };
const PEOPLE: Rule = { who: ['admin', 'auditor'] };
const BOT: Rule = { who: ['bot'] };
const MEMBER: Rule = { who: ['bot'], member: true };
const OPEN: Rule = { who: 'anybody' };

/**
 * Every door there is, and who may pass. The guards of HTTP and Socket.IO ask this table and nothing else for a role; what
 * it does not name is closed to everybody. `docs/access.md` is made from it, and its tests try each cell.
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

  'GET /v1/audit/events': PEOPLE,

  'CONNECT /bots': BOT,
  '/bots post': MEMBER,
  '/bots edit': { ...MEMBER, also: 'own messages' },
  '/bots redact': { ...MEMBER, also: 'own messages' },
  '/bots ack': MEMBER,
  '/bots join': { who: ['bot'], also: 'public channels; private ones by an admin’s hand' },
  '/bots leave': BOT,
  '/bots history': MEMBER,
  '/bots who': MEMBER,
  '/bots signal': MEMBER,

  'CONNECT /audit': PEOPLE,
  '/audit replay': PEOPLE,
  '/audit stop': { ...PEOPLE, also: 'replays of the same connection' },

  'CONNECT /admin': ADMIN,
};

/** Undefined for a door that is not in the table. */
export const ruleOf = (door: string, matrix: Matrix = ACCESS_MATRIX): Rule | undefined =>
  Object.hasOwn(matrix, door) ? matrix[door] : undefined;

/** Whether callers of a role may pass. */
export const isOpenTo = (role: Role, door: string, matrix: Matrix = ACCESS_MATRIX): boolean => {
  const who = ruleOf(door, matrix)?.who ?? [];
  return who === 'anybody' || who.includes(role);
};

import { v7 as uuidv7 } from 'uuid';

/** The channel that members are in. */
export const CHANNEL = 'matrix';
/** A message of the bot `member`. */
export const MESSAGE = uuidv7();

/** What is asked at each door. None of it changes anything, so that cells do not depend on each other. */
export const HTTP_EXAMPLES: Readonly<Record<string, readonly [path: string, body?: object]>> = {
  'GET /health/live': ['/health/live'],
  'GET /health/ready': ['/health/ready'],
  'GET /metrics': ['/metrics'],
  'POST /v1/bots': ['/v1/bots', {}],
  'GET /v1/bots': ['/v1/bots'],
  'GET /v1/bots/:name': ['/v1/bots/member'],
  'POST /v1/bots/:name/keys': ['/v1/bots/nobody/keys'],
  'DELETE /v1/bots/:name/keys/:id': ['/v1/bots/member/keys/nokey'],
  'POST /v1/bots/:name/suspend': ['/v1/bots/nobody/suspend', {}],
  'POST /v1/bots/:name/reinstate': ['/v1/bots/nobody/reinstate'],
  'POST /v1/channels': ['/v1/channels', {}],
  'GET /v1/channels': ['/v1/channels'],
  'GET /v1/channels/:channel': [`/v1/channels/${CHANNEL}`],
  'POST /v1/channels/:channel/archive': ['/v1/channels/nowhere/archive'],
  'PUT /v1/channels/:channel/members/:bot': ['/v1/channels/nowhere/members/member'],
  'DELETE /v1/channels/:channel/members/:bot': ['/v1/channels/nowhere/members/member'],
  'GET /v1/messages': ['/v1/messages'],
  'GET /v1/stats': ['/v1/stats'],
  'GET /v1/projections': ['/v1/projections'],
  'POST /v1/projections/:name/rebuild': ['/v1/projections/nothing/rebuild', {}],
  'POST /v1/projections/:name/recount': ['/v1/projections/nothing/recount', {}],
  'POST /v1/projections/:name/revert': ['/v1/projections/nothing/revert', {}],
  'POST /v1/projections/:name/pause': ['/v1/projections/nothing/pause', {}],
  'POST /v1/projections/:name/resume': ['/v1/projections/nothing/resume', {}],
  'POST /v1/keys': ['/v1/keys', {}],
  'GET /v1/keys': ['/v1/keys'],
  'DELETE /v1/keys/:id': ['/v1/keys/nokey'],
  'GET /v1/damaged': ['/v1/damaged'],
  'POST /v1/damaged': ['/v1/damaged', {}],
  'POST /v1/messages': ['/v1/messages', { id: uuidv7(), channel: CHANNEL, body: 'x' }],
  'GET /v1/channels/:channel/messages': [`/v1/channels/${CHANNEL}/messages`],
  'GET /v1/messages/:bot/:id/proof': [`/v1/messages/member/${MESSAGE}/proof`],
  'GET /v1/audit/events': ['/v1/audit/events?limit=1'],
  'GET /v1/audit/log/checkpoint': ['/v1/audit/log/checkpoint'],
  'GET /v1/audit/log/checkpoint/witnessed': ['/v1/audit/log/checkpoint/witnessed'],
  'GET /v1/audit/log/key': ['/v1/audit/log/key'],
  'GET /v1/audit/log/keys': ['/v1/audit/log/keys'],
  // Each admin changes the key once more; a process that has it replaces none.
  'POST /v1/audit/log/keys/rotate': ['/v1/audit/log/keys/rotate'],
  'POST /v1/audit/log/keys/replace': ['/v1/audit/log/keys/replace'],
  'GET /v1/audit/log/tile/*path': ['/v1/audit/log/tile/0/000'],
  'POST /v1/audit/verify': ['/v1/audit/verify', { key: 'none' }],
  'GET /v1/audit/verify': ['/v1/audit/verify'],
  'DELETE /v1/audit/verify': ['/v1/audit/verify'],
  'GET /v1/audit/deliveries': [`/v1/audit/deliveries?message=member/${MESSAGE}`],
  'GET /v1/audit/why/:id': [`/v1/audit/why/${uuidv7()}`],
};

/** What is asked in each session. */
export const EVENT_EXAMPLES: Readonly<Record<string, () => unknown>> = {
  '/bots post': () => ({ id: uuidv7(), channel: CHANNEL, body: 'x' }),
  '/bots edit': () => ({ id: uuidv7(), channel: CHANNEL, target: uuidv7(), body: 'x' }),
  '/bots redact': () => ({ id: uuidv7(), channel: CHANNEL, target: uuidv7() }),
  '/bots ack': () => ({ [CHANNEL]: -1 }),
  '/bots join': () => ({ channel: 'general' }),
  '/bots leave': () => ({ channel: 'general' }),
  '/bots history': () => ({ channel: CHANNEL }),
  '/bots who': () => ({ channel: CHANNEL }),
  '/bots signal': () => ({ channel: CHANNEL, type: 'typing' }),
  '/audit replay': () => ({ limit: 1 }),
  '/audit stop': () => ({ replay: 'none' }),
};

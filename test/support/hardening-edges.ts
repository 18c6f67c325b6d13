import type { TestBot } from '#tools/harness/bots/test-bot.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { ASYNCAPI } from '#libs/protocol/asyncapi/document.js';
import type { Message } from '#libs/protocol/message.js';
import { name, object, text } from '#libs/protocol/schemas/schema.js';
import type {
  Ask,
  CameBack,
  Exchange,
  Group,
  GroupSeen,
  Road,
  Seen,
} from '#tools/hardening/phases/edges/exchange.js';
import { placesOf, routesOf } from '#tools/hardening/phases/edges/places/http-places.js';
import type { OpenApi, Route } from '#tools/hardening/phases/edges/places/http-places.js';
import type { Place } from '#tools/hardening/phases/edges/places/place.js';
import { authOf, fieldsOf, mapKeysOf, verbsOf } from '#tools/hardening/phases/edges/places/socket-places.js';
import type { AsyncApi } from '#tools/hardening/phases/edges/places/socket-places.js';
import type { Scene } from '#tools/hardening/phases/edges/scene.js';

/** A scene for specs, in which no request can be made. */
export const scene = (): Scene => ({
  api: {} as VerbatimApi,
  channel: 'edges-1',
  spare: 'edges-1-spare',
  startedAt: '2026-11-26T19:00:00.000Z',
  keys: { http: 'k1', socket: 'k2' },
  targets: [],
  bot: {} as TestBot,
  watcher: {} as TestBot,
  close: () => undefined,
});

/** An OpenAPI document for specs, with a route of each kind. */
const OPENAPI = {
  paths: {
    '/v1/messages': {
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: object({ id: text(), channel: name, body: text() }, { correlationId: text(128) }),
            },
          },
        },
      },
      get: {
        parameters: [
          { name: 'q', in: 'query', schema: text(500) },
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
        ],
      },
    },
    '/v1/bots/{name}/keys/{id}': {
      delete: {
        parameters: [
          { name: 'name', in: 'path', required: true, schema: name },
          { name: 'id', in: 'path', required: true, schema: text() },
        ],
      },
    },
    '/v1/audit/events': { get: { parameters: [{ name: 'stream', in: 'query', schema: text(256) }] } },
  },
} as unknown as OpenApi;

export const routes = (): readonly Route[] => routesOf(OPENAPI);

export const places = (stage = scene()): readonly Place[] => {
  const document = ASYNCAPI as unknown as AsyncApi;
  return [
    ...routes().flatMap((route) => placesOf(route, stage)),
    ...verbsOf(document).flatMap((verb) => [...fieldsOf(verb, stage), ...mapKeysOf(verb)]),
    ...authOf(document, stage),
  ];
};

/** An exchange for specs, in which everything went as expected. */
const asExpected = (ask: Ask, seq = 7): Exchange => {
  const { expected, keeps } = ask;
  if (expected === 'taken')
    return {
      ask,
      seen: { status: 200, seq, text: '{"ok":true}' },
      ...(keeps ? { cameBack: back(keeps) } : {}),
    };
  const { status, code, message = '' } = expected;
  const said = typeof message === 'string' ? message : fitting(message);
  const seen: Seen = { status, message: said, text: said, ...(code === undefined ? {} : { code }) };
  return { ask, seen };
};

export const back = (fields: Partial<Message>): CameBack => {
  const message = { id: 'i', seq: 7, ...fields } as Message;
  return { live: message, history: message, HTTP: message, 'read model': message };
};

export const groupSeen = ({ asks, ...group }: Group, road: Road): GroupSeen => ({
  group,
  road,
  exchanges: asks.filter(({ request }) => request.road === road).map((ask) => asExpected(ask)),
  ...(road === 'socket' ? { connection: { isSame: true, answers: true } } : {}),
});

/** Returns a text that matches the simple patterns of the groups. */
const fitting = ({ source }: RegExp): string => source.replace('[Ff]', 'F').replace('[."]', '"');

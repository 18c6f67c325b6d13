import type { Ask, Group } from '../exchange.js';
import { requestTo } from '../places/http-places.js';
import type { Route } from '../places/http-places.js';
import type { Scene } from '../scene.js';

const SECRET = 'hunter2';
const BODIES = [
  '{',
  '{"id":',
  'hello',
  `{"body": ${SECRET}}`,
  "{'body':'x'}",
  '{"a":1}}',
  '\u0000',
  '[1,',
  '{"a":1,}',
  '{"a":"\u0001"}',
  '{"a":01}',
  '{"a":"\\x"}',
  '['.repeat(30_000),
];

/** Sends malformed JSON to every route that takes a body. */
export const malformedJson = (routes: readonly Route[], scene: Scene): Group => ({
  id: 'malformed',
  what: 'Malformed JSON',
  target: '400 malformed_json, without the words of the parser',
  asks: routes
    .filter(({ body }) => body !== undefined)
    .flatMap((route) => BODIES.map((body) => malformed(route, body, scene))),
});

const malformed = (route: Route, body: string, scene: Scene): Ask => ({
  sent: `${route.method} ${route.path}: ${JSON.stringify(body).slice(0, 24)}`,
  expected: { status: 400, code: 'malformed_json', message: 'The request body is not valid JSON' },
  request: requestTo(route, scene, { body }),
});

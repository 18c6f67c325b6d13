import { v7 as uuidv7 } from 'uuid';
import type { Expected, Request } from '../exchange.js';
import type { Scene } from '../scene.js';
import { goodValue } from './good-values.js';
import { kindOf } from './place.js';
import type { Place, Schema } from './place.js';

type Parameter = Readonly<{ name: string; in: 'path' | 'query'; required?: boolean; schema: Schema }>;
type Operation = Readonly<{
  parameters?: readonly Parameter[];
  requestBody?: Readonly<{ content: Readonly<Record<string, Readonly<{ schema: Schema }>>> }>;
}>;
export type OpenApi = Readonly<{ paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }>;

/** One route of the server, with its parameters and body. */
export type Route = Readonly<{
  method: string;
  /** With `{name}` for parts of the address. */
  path: string;
  as: 'admin' | 'bot';
  parameters: readonly Parameter[];
  /** Undefined if the route takes no body. */
  body?: Schema;
}>;

/** Routes that refuse even a valid request, here because there is no damage to decide about. */
const WHEN_GOOD: Readonly<Record<string, Expected>> = {
  'POST /v1/damaged': { status: 409, code: 'not_damaged' },
};

const FOR_BOTS = new Set(['POST /v1/messages', 'GET /v1/channels/{channel}/messages']);

/** Returns all routes in the server's own OpenAPI document. */
export const routesOf = ({ paths }: OpenApi): readonly Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([verb, { parameters = [], requestBody }]) => {
      const method = verb.toUpperCase();
      const body = requestBody?.content['application/json']?.schema;
      const as = FOR_BOTS.has(`${method} ${path}`) ? 'bot' : 'admin';
      return { method, path, as, parameters, ...(body === undefined ? {} : { body }) };
    }),
  );

/** Returns every place of a route where a value can be put. */
export const placesOf = (route: Route, scene: Scene): readonly Place[] => [
  ...route.parameters.map((parameter) => parameterOf(route, parameter, scene)),
  ...Object.entries(route.body?.properties ?? {}).map(([field, schema]) =>
    fieldOf(route, field, schema, scene),
  ),
];

/** Builds a valid request to a route, with some parts as given. */
export const requestTo = (
  route: Route,
  scene: Scene,
  given: Readonly<{ address?: Readonly<Record<string, string>>; body?: string }> = {},
): Request & { road: 'http' } => {
  const { method, as } = route;
  const path = addressOf(route, scene, given.address ?? {});
  const body = given.body ?? (route.body && JSON.stringify(goodBody(route.body, scene)));
  return { road: 'http', method, path, as, ...(body === undefined ? {} : { body }) };
};

const parameterOf = (route: Route, { name, in: part, schema, required }: Parameter, scene: Scene): Place => ({
  where: `${route.method} ${route.path} ${part} "${name}"`,
  field: name,
  part,
  kind: kindOf(name, schema, part),
  isRequired: required === true,
  put: (value) => requestTo(route, scene, { address: { [name]: String(value) } }),
});

const fieldOf = (route: Route, field: string, schema: Schema, scene: Scene): Place => ({
  where: `${route.method} ${route.path} "${field}"`,
  field,
  part: 'body',
  kind: kindOf(field, schema, 'body'),
  ...whenGood(route),
  isRequired: route.body?.required?.includes(field) === true,
  put: (value) =>
    requestTo(route, scene, { body: JSON.stringify({ ...goodBody(route.body!, scene), [field]: value }) }),
  ...(route.path === '/v1/messages' && isKept(field) ? { keptAs: field } : {}),
});

const whenGood = ({ method, path }: Route): Pick<Place, 'whenGood'> => {
  const expected = WHEN_GOOD[`${method} ${path}`];
  return expected === undefined ? {} : { whenGood: expected };
};

export const isKept = (field: string): field is 'body' | 'data' | 'correlationId' =>
  field === 'body' || field === 'data' || field === 'correlationId';

const goodBody = ({ required = [] }: Schema, scene: Scene): Record<string, unknown> =>
  Object.fromEntries(required.map((field) => [field, goodValue(scene, field, false)]));

const addressOf = (
  { path, parameters }: Route,
  scene: Scene,
  given: Readonly<Record<string, string>>,
): string => {
  let address = path;
  const query = new Map<string, string>();
  // Do not read the log from its beginning: on a server that has run for a long time, that takes too long.
  if (path === '/v1/audit/events') query.set('limit', '1').set('from', scene.startedAt);
  // Without a message there is no such request, and no other field is looked at.
  if (path === '/v1/audit/deliveries') query.set('message', `${scene.spare}/${uuidv7()}`);
  for (const { name, in: part } of parameters) {
    if (part === 'path')
      address = address.replace(`{${name}}`, given[name] ?? String(goodValue(scene, name, false)));
    else if (given[name] !== undefined) query.set(name, given[name]);
  }
  const search = [...query].map(([name, value]) => `${name}=${value}`).join('&');
  return search === '' ? address : `${address}?${search}`;
};

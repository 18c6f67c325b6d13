import type { Ask, Expected, Group } from '../exchange.js';
import { answerToText, naming } from '../places/place.js';
import type { Place } from '../places/place.js';
import type { Scene } from '../scene.js';
import { postBoth } from './post-both.js';

const NAME = 'BOT-@#$%^&*()';

/** Sends an invalid name wherever a name belongs. */
export const names = (places: readonly Place[], scene: Scene): Group => ({
  id: 'names',
  what: `\`${NAME}\` as a name`,
  target: '400 invalid_name wherever a name belongs; as text it is taken unchanged',
  asks: [
    ...places.filter(({ kind }) => kind === 'name').map((place) => tried(place, NAME)),
    ...postBoth(scene, 'as text', { body: NAME, data: { [NAME]: NAME } }, 'taken'),
  ],
});

const SQL = "'; DROP TABLE messages; --";
const LISTS = ['/v1/messages', '/v1/bots', '/v1/channels', '/v1/stats', '/v1/projections'];

/** Sends SQL in every field and parameter, where it must be mere data. Requests that read the tables come last. */
export const sql = (places: readonly Place[]): Group => ({
  id: 'sql',
  what: `\`${SQL}\` in every field and parameter`,
  target:
    'taken unchanged as text, elsewhere 400 (401 as a key, 404 as a key’s id); the lists can still be read',
  asks: [
    ...places.filter(({ part }) => part !== 'map').map((place) => tried(place, SQL)),
    ...LISTS.map(stillThere),
  ],
});

const stillThere = (path: string): Ask => ({
  sent: `${path} afterwards`,
  expected: 'taken',
  request: {
    road: 'http',
    method: 'GET',
    path: path === '/v1/messages' ? `${path}?limit=1` : path,
    as: 'admin',
  },
});

/** Sends null for every field, and leaves out each required field. */
export const nothing = (places: readonly Place[]): Group => {
  const fields = places.filter(({ part }) => part === 'body' || part === 'auth');
  return {
    id: 'null',
    what: 'null, and fields that are undefined',
    target: '400 invalid_payload, naming the field (401 without a key)',
    asks: [
      ...fields.map((place) => tried(place, null, missing(place))),
      ...fields
        .filter(({ isRequired }) => isRequired)
        .map((place) => tried(place, undefined, missing(place))),
      ...payloads(),
    ],
  };
};

const missing = ({ kind, field }: Place): Expected =>
  kind === 'key'
    ? { status: 401, code: 'unauthenticated' }
    : { status: 400, code: 'invalid_payload', message: naming(field) };

/** Payloads that are not objects. */
const payloads = (): readonly Ask[] => {
  const expected = { status: 400, code: 'invalid_payload', message: /object/ } as const;
  const values: readonly unknown[] = [null, 'text', 7, true, []];
  return [
    ...values.map((value): Ask => {
      const body = JSON.stringify(value);
      return {
        sent: `${body} for a post`,
        expected,
        request: { road: 'http', method: 'POST', path: '/v1/messages', body, as: 'bot' },
      };
    }),
    ...values.map((value): Ask => ({
      sent: `${JSON.stringify(value)} for a post`,
      expected,
      request: { road: 'socket', event: 'post', args: [value] },
    })),
    { sent: 'a post of undefined', expected, request: { road: 'socket', event: 'post', args: [undefined] } },
    { sent: 'a post of nothing', expected, request: { road: 'socket', event: 'post', args: [] } },
  ];
};

/** Puts a value into a place. In an address it is encoded, so that it can only be the value of that place. */
const tried = (
  place: Place,
  value: string | null | undefined,
  expected: Expected = answerToText(place),
): Ask => {
  const isInAddress = place.part === 'path' || place.part === 'query';
  return {
    sent: `${place.where}: ${value === undefined ? 'left out' : JSON.stringify(value)}`,
    expected,
    request: place.put(isInAddress ? encodeURIComponent(String(value)) : value),
    ...(place.keptAs !== undefined && expected === 'taken' ? { keeps: { [place.keptAs]: value } } : {}),
  };
};

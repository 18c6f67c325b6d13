import type { Ask, Expected, Group } from '../exchange.js';
import { answerToText } from '../places/place.js';
import type { Place } from '../places/place.js';

const PLAIN = '../../etc/passwd';
const ENCODED = encodeURIComponent(PLAIN);
const SPELLINGS: Readonly<Record<string, string>> = {
  plain: PLAIN,
  encoded: ENCODED,
  'dots encoded': '%2e%2e/%2e%2e/etc/passwd',
  'double-encoded': encodeURIComponent(ENCODED),
  'with backslashes': '..%5c..%5cetc%5cpasswd',
};

/** Addresses where files are or might be, or that other software serves. */
const STATIC = [
  '',
  '/docs',
  '/docs/openapi.json',
  '/console',
  '/console/assets',
  '/v1',
  '/v1/audit',
  '/health',
  '/metrics',
];
const NOT_FOUND = { status: 404, code: 'not_found' } as const;
/** Engine.IO refuses the request because the query names no transport. */
const NO_TRANSPORT = { status: 400 } as const;

/** Sends paths, plain and encoded, in every name, parameter and address, where they must be mere data. */
export const traversal = (places: readonly Place[]): Group => ({
  id: 'paths',
  what: `\`${PLAIN}\` plain, encoded and double-encoded in every path, name and static route`,
  target: 'taken unchanged as text; 400 invalid_name as a name; 404 not_found as an address',
  asks: [
    ...places
      .filter(({ part }) => part !== 'map')
      .flatMap((place) => Object.entries(SPELLINGS).map(([spelling, text]) => tried(place, spelling, text))),
    ...STATIC.flatMap((base) =>
      Object.entries(SPELLINGS).map(([spelling, text]) => atAddress(base, spelling, text, NOT_FOUND)),
    ),
    ...Object.entries(SPELLINGS).map(([spelling, text]) =>
      atAddress('/socket.io', spelling, text, NO_TRANSPORT),
    ),
  ],
});

const tried = (place: Place, spelling: string, text: string): Ask => {
  const expected = answerAt(place, text);
  const kept = place.keptAs !== undefined && expected === 'taken' ? { keeps: { [place.keptAs]: text } } : {};
  return { sent: `${place.where}: ${spelling}`, expected, request: place.put(text), ...kept };
};

/** A slash inside a part of an address makes it a different address. */
const answerAt = (place: Place, text: string): Expected =>
  place.part === 'path' && text.includes('/') ? NOT_FOUND : answerToText(place);

const atAddress = (base: string, spelling: string, text: string, expected: Expected): Ask => ({
  sent: `${base}/…: ${spelling}`,
  expected,
  request: { road: 'http', method: 'GET', path: `${base}/${text}`, as: 'admin' },
});

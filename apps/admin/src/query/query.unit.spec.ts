import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestError } from '#libs/protocol/errors.js';
import { WHOLE_NUMBER, decodeCursor, encodeCursor } from './cursor.js';
import { ListQuery } from './list.query.js';
import { pageOf } from './page.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';

const NUMBERS = [WHOLE_NUMBER, WHOLE_NUMBER];

describe('a cursor', () => {
  it('gives back what it was made of', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(decodeCursor('m1', encodeCursor('m1', BigInt(a), b), NUMBERS)).toEqual([`${a}`, `${b}`]);
      }),
    );
  });

  it('refuses what it did not make, whatever that is', () => {
    const made = encodeCursor('m1', 1, 2);
    const wrong = ['', 'x', ` ${made}`, `${made}=`, encodeCursor('b1', 1, 2), encodeCursor('m1', 1)];
    const odd = [
      encodeCursor('m1', 1, 2, 3),
      encodeCursor('m1', '1e3', 2),
      encodeCursor('m1', -1, 2),
      '\ud800',
    ];
    for (const cursor of [...wrong, ...odd]) {
      expect(() => decodeCursor('m1', cursor, NUMBERS)).toThrow(RequestError);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => decodeCursor('m1', text, NUMBERS)).toThrow(RequestError);
      }),
    );
  });
});

const page = (rows: number[]) => pageOf(rows, 2, String, (last) => `after ${last}`);

describe('a page', () => {
  it('has a next one only if more was found than it shows', () => {
    expect(page([1, 2, 3])).toEqual({ items: ['1', '2'], next: 'after 2' });
    expect(page([1, 2])).toEqual({ items: ['1', '2'] });
    expect(page([])).toEqual({ items: [] });
  });
});

describe('a query string', () => {
  it('has numbers where they are written as whole numbers', () => {
    expect(parseQuery(ListQuery, { limit: '200' }, ['limit']).limit).toBe(200);
  });

  it.each([' 5', '5 ', '0x5', '5.0', '', '1e2', '٣'])('does not take "%s" for a number', (limit) => {
    expect(() => parseQuery(ListQuery, { limit }, ['limit'])).toThrow('Field "limit" must be a whole number');
  });
});

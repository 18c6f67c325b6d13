import { beforeEach, expect, it } from 'vitest';
import { Boundary, faultCounts, sayFaults } from './boundary.js';

const said: { where: string; err: Error }[] = [];
let number = 0;
const newBoundary = (): Boundary => new Boundary(`spec-${(number += 1)}`);
const fail = (): never => {
  throw new Error('again');
};
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

beforeEach(() => {
  said.length = 0;
  sayFaults((fault) => void said.push(fault));
});

it('contains what a handler throws, counts it and logs it with its stack', () => {
  const boundary = newBoundary();
  const ended: string[] = [];
  boundary.guard(
    (_what: string) => {
      throw new Error('a bug');
    },
    (error) => ended.push(error.message),
  )('anything');
  expect(ended).toEqual(['a bug']);
  expect(faultCounts().get(boundary.where)).toBe(1);
  expect(said).toMatchObject([{ where: boundary.where, err: { message: 'a bug' } }]);
  expect(said[0]!.err.stack).toContain('boundary.unit.spec');
});

it('contains what a handler rejects with, whether it is an error or not', async () => {
  const boundary = newBoundary();
  const ended: string[] = [];
  boundary.run(
    () => Promise.reject(new Error('late')),
    ({ message }) => ended.push(message),
  );
  boundary.run(
    // oxlint-disable-next-line prefer-promise-reject-errors -- other people's code may reject with anything
    () => Promise.reject('no error at all'),
    ({ message }) => ended.push(message),
  );
  await settled();
  expect(ended).toEqual(['late', 'no error at all']);
  expect(faultCounts().get(boundary.where)).toBe(2);
});

it('contains errors of the fault handler itself, and of the log', () => {
  const boundary = newBoundary();
  boundary.run(fail, fail);
  expect(faultCounts().get(boundary.where)).toBe(2);
  sayFaults(fail);
  expect(() => newBoundary().run(fail)).not.toThrow();
});

it('logs a repeated fault at most once a second, and counts each', () => {
  const boundary = newBoundary();
  for (let i = 0; i < 100; i += 1) boundary.caught(new Error(`fault ${i}`));
  expect(said).toHaveLength(1);
  expect(faultCounts().get(boundary.where)).toBe(100);
});

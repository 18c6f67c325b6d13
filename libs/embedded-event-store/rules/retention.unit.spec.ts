import { describe, expect, it } from 'vitest';
import {
  DELETED,
  KEEP_ALL,
  SOFT_DELETE_METADATA,
  firstReadable,
  isSoftDeleted,
  oldestReadable,
  retentionOf,
  undeletedMetadata,
} from './retention.js';

const metadata = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('retention in stream metadata', () => {
  it('reads $maxCount, $maxAge and $tb and leaves other members alone', () => {
    expect(retentionOf(metadata({ $maxCount: 5, $maxAge: 60, $tb: 3, $acl: {}, mine: 1 }))).toEqual({
      maxCount: 5,
      maxAge: 60,
      truncateBefore: 3,
    });
  });
  it.each([
    { $maxCount: '5', $tb: 1 },
    { $maxCount: 1.5, $tb: 1 },
    { $cacheControl: 'x', $tb: 1 },
    { $acl: 1, $tb: 1 },
    [],
    'text',
    null,
  ])('counts %j as no metadata', (value) => {
    expect(retentionOf(metadata(value))).toEqual(KEEP_ALL);
  });
  it.each([{ $maxCount: 0 }, { $maxAge: -1 }])('ignores %j, but keeps the other settings', (value) => {
    expect(retentionOf(metadata({ ...value, $tb: 3 }))).toEqual({ truncateBefore: 3 });
  });
  it.each([
    ['9223372036854775807', { truncateBefore: DELETED }],
    ['9223372036854775806', { truncateBefore: 2 ** 63 }],
    ['9223372036854775808', KEEP_ALL],
    ['1e19', KEEP_ALL],
  ] as const)('reads a $tb of %s exactly', (number, retention) => {
    expect(retentionOf(Buffer.from(`{"$tb":${number}}`))).toEqual(retention);
  });
  it('treats data that is not JSON as no metadata', () => {
    expect(retentionOf(Buffer.from('{'))).toEqual(KEEP_ALL);
  });
  it('knows a soft delete by its $tb', () => {
    expect(isSoftDeleted(retentionOf(SOFT_DELETE_METADATA))).toBe(true);
    expect(isSoftDeleted(retentionOf(metadata({ $tb: 7 })))).toBe(false);
  });
});

describe('the first readable revision', () => {
  it('leaves the newest $maxCount events', () => {
    expect(firstReadable({ maxCount: 3 }, 9)).toBe(7);
    expect(firstReadable({ maxCount: 30 }, 9)).toBe(0);
  });
  it('is $tb where that is later', () => {
    expect(firstReadable({ maxCount: 3, truncateBefore: 8 }, 9)).toBe(8);
    expect(firstReadable({ maxCount: 3, truncateBefore: 2 }, 9)).toBe(7);
  });
  it('is after all events of a deleted stream', () => {
    expect(firstReadable({ truncateBefore: DELETED }, 9)).toBeGreaterThan(9);
  });
});

it('The oldest readable time is $maxAge seconds ago', () => {
  expect(oldestReadable({ maxAge: 2 }, 10_000)).toBe(8000);
  expect(oldestReadable(KEEP_ALL, 10_000)).toBe(Number.NEGATIVE_INFINITY);
});

it('Reviving a stream moves $tb and keeps the other metadata', () => {
  const revived = undeletedMetadata(metadata({ $tb: 1, $maxCount: 4, mine: 'x' }), 12);
  expect(JSON.parse(String(revived))).toEqual({ $tb: 12, $maxCount: 4, mine: 'x' });
  expect(undeletedMetadata(Buffer.from('no json'), 12)).toBeUndefined();
});

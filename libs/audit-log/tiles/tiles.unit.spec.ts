import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberedTree } from '#test/support/audit-log/memory-tree.js';
import { decodeBundle, encodeBundle } from './entry-bundle.js';
import { rootOfSpan, spanUnder } from './tile-nodes.js';
import { formatTilePath, parseTilePath, widthIn } from './tile-path.js';

const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 6 }));
const tiles = fc.record({
  level,
  index: fc.oneof(fc.nat(2_000_000), fc.maxSafeNat()),
  width: fc.integer({ min: 1, max: 256 }),
});

const widths = (size: number) => [0, 1, 2].map((index) => widthIn(size, { level: 0, index }));

describe('the path of a tile', () => {
  it('is the one of C2SP tlog-tiles', () => {
    expect(formatTilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('0/x001/x234/067');
    expect(formatTilePath({ level: 3, index: 0, width: 1 })).toBe('3/000.p/1');
    expect(formatTilePath({ level: 'entries', index: 1_000, width: 256 })).toBe('entries/x001/000');
  });

  it('names its tile, and nothing else names it', () => {
    fc.assert(
      fc.property(tiles, (tile) => {
        expect(parseTilePath(formatTilePath(tile))).toEqual(tile);
      }),
    );
    const none = [
      '',
      '0',
      '0/',
      '0/0',
      '0/00',
      '0/0000',
      '0/x000/001',
      '00/000',
      '7/000',
      '64/000',
      '-1/000',
    ];
    const odd = ['0/001/000', '0/x001', '0/000.p/0', '0/000.p/256', '0/000.p/01', '0/000.p/', 'data/000'];
    const hostile = [
      '0/000/',
      '/0/000',
      '0/000?x',
      '0/../000',
      '0/x999/x999/x999/x999/x999/x999/999',
      '0/٠٠٠',
    ];
    for (const path of [...none, ...odd, ...hostile])
      expect([path, parseTilePath(path)]).toEqual([path, undefined]);
  });

  it('has the width that the tree gives it', () => {
    expect(widths(0)).toEqual([0, 0, 0]);
    expect(widths(256)).toEqual([256, 0, 0]);
    expect(widths(513)).toEqual([256, 256, 1]);
    expect(widthIn(65_536, { level: 1, index: 0 })).toBe(256);
    expect(widthIn(65_535, { level: 1, index: 0 })).toBe(255);
    expect(widthIn(300, { level: 'entries', index: 1 })).toBe(44);
  });
});

describe('the nodes under a tile', () => {
  it('give the nodes of the tree', async () => {
    const tree = numberedTree(600);
    expect(spanUnder({ level: 11, index: 3 })).toEqual({ level: 1, first: 24, count: 8 });
    const [root] = await tree.nodes([{ level: 9, index: 0 }]);
    expect(root).toEqual(tree.heads[512]!.root);
  });

  it('are refused when they are no full subtree', () => {
    for (const bytes of [0, 31, 96, 257 * 32, 512 * 32])
      expect(() => rootOfSpan(Buffer.alloc(bytes))).toThrow(RangeError);
  });
});

describe('a bundle of entries', () => {
  it('gives its entries back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 256 }), (entries) => {
        const bundle = encodeBundle(entries);
        expect(decodeBundle(bundle)).toEqual(entries.map((entry) => Buffer.from(entry)));
      }),
    );
    expect(encodeBundle([Buffer.from('abc'), Buffer.alloc(0)]).toString('hex')).toBe('00036162630000');
  });

  it('is refused when it is cut off, too large or holds too much', () => {
    for (const hex of ['00', '0001', '000361', '00026162ff'])
      expect(() => decodeBundle(Buffer.from(hex, 'hex'))).toThrow('cut off');
    expect(() => decodeBundle(Buffer.alloc(514))).toThrow(RangeError);
    expect(() => encodeBundle([Buffer.alloc(65_536)])).toThrow('65536 bytes');
  });
});

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeChunks } from './write-chunks.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-chunks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = async (chunks: readonly Buffer[], offset: number): Promise<Buffer> => {
  const file = join(folder, 'log');
  const fd = openSync(file, 'w+');
  try {
    await writeChunks(fd, chunks, offset);
    return readFileSync(file);
  } finally {
    closeSync(fd);
  }
};

const numbered = (count: number, bytes: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.alloc(bytes, index % 251));

describe('chunks that are written', () => {
  it('are in the file, in order, from the offset on', async () => {
    const chunk = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 20 }), fc.nat(100), async (chunks, offset) => {
        const all = Buffer.concat(chunks);
        const start = all.length === 0 ? 0 : offset;
        expect(await written(chunks, offset)).toEqual(Buffer.concat([Buffer.alloc(start), all]));
      }),
    );
  });

  it.each([
    ['more of them than one call takes', numbered(2_500, 7)],
    ['more bytes than the event loop writes itself', numbered(40, 10_000)],
    ['both', numbered(2_500, 400)],
  ])('are all there: %s', async (_what, chunks) => {
    expect((await written(chunks, 3)).subarray(3).equals(Buffer.concat(chunks))).toBe(true);
  });

  it.each([10, 1_000_000])('of %i bytes tell when they cannot be written', async (bytes) => {
    const fd = openSync(join(folder, 'log'), 'r');
    try {
      await expect(writeChunks(fd, [Buffer.alloc(bytes)], 0)).rejects.toThrow(/EBADF/);
    } finally {
      closeSync(fd);
    }
  });
});

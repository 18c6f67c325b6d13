import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roundTrip } from '#test/support/text-round-trip.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';

/** Where Debian's package `unicode-data` installs the Unicode Character Database. */
const FOLDER = '/usr/share/unicode';

/**
 * Files of up to this many lines are posted whole. Two files are longer: BidiTest (493,000) and BidiCharacterTest
 * (94,000). Of these, every n-th line is posted, because they repeat few characters in all combinations.
 * VERBATIM_UNICODE_LINES=all posts every line of them, too.
 */
const MOST_LINES = process.env['VERBATIM_UNICODE_LINES'] === 'all' ? Infinity : 20_000;

const TEST_FILES = /(?:Test|emoji-test|emoji-sequences|emoji-zwj-sequences)\.txt(?:\.bz2)?$/;

const files = (readdirSync(FOLDER, { recursive: true }) as string[])
  .map((name) => join(FOLDER, name))
  .filter((name) => TEST_FILES.test(name));

/** Reads a file. Node has no bzip2, but Python does, and these suites need Python anyway. */
const read = (file: string): string =>
  file.endsWith('.bz2')
    ? execFileSync(
        '/usr/bin/python3',
        ['-c', 'import bz2,sys; sys.stdout.buffer.write(bz2.open(sys.argv[1]).read())', file],
        { maxBuffer: 100_000_000, encoding: 'utf8' },
      )
    : readFileSync(file, 'utf8');

/**
 * Returns a text for each line of a test file: the characters that its code points stand for, and below them the line
 * itself.
 */
const textsOf = (file: string): string[] => {
  const lines = read(file)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#') && !line.startsWith('@'));
  const step = Math.max(1, Math.ceil(lines.length / MOST_LINES));
  return lines.filter((_line, index) => index % step === 0).map((line) => `${characters(line)}\n${line}`);
};

const characters = (line: string): string =>
  [...(line.split('#')[0] ?? '').matchAll(/\b[0-9A-F]{4,6}\b/g)]
    .map(([hex]) => Number.parseInt(hex, 16))
    .filter((code) => code <= 0x10_ff_ff)
    .map((code) => String.fromCodePoint(code))
    .join('');

let verbatim: Verbatim;
beforeAll(async () => {
  verbatim = await startVerbatim({ env: { VERBATIM_RATE_LIMIT: '100000', VERBATIM_RATE_BURST: '100000' } });
});
afterAll(() => verbatim?.remove());

describe('the lines of Unicode’s test files come back byte for byte, live, as backlog and from the read model', () => {
  it('finds the test files', () => expect(files.length).toBeGreaterThan(4));

  it.each(files.map((file, index) => [file.slice(FOLDER.length + 1), file, index] as const))(
    '%s',
    async (_name, file, index) => {
      const texts = textsOf(file);
      expect(await roundTrip(verbatim, `unicode-${index}`, texts)).toEqual({
        taken: texts.length,
        refused: [],
        changed: [],
      });
    },
  );
});

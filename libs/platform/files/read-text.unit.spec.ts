import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tokenKeysFrom } from '../access/jwt/token-keys.js';
import { NotText, readText } from './read-text.js';

const SECRET = 'a secret of the provider, 32 characters or more';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verbatim-test-text-'));
  file = join(folder, 'secret');
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['a line', SECRET],
  ['an end of Windows', `${SECRET}\r\n`],
  ['a byte order mark', `\ufeff${SECRET}\n`],
])('gives the text of a file with %s', (_, content) => {
  writeFileSync(file, content);
  expect(readText(file)).toBe(SECRET);
});

it.each([
  ['UTF-16', Buffer.from(`\ufeff${SECRET}`, 'utf16le')],
  ['UTF-16 without a mark', Buffer.from(SECRET, 'utf16le')],
  ['Latin-1', Buffer.from(`é${SECRET}`, 'latin1')],
  ['arbitrary bytes', Buffer.from([0xff, 0xfe, 0xfd])],
])('refuses %s, also as the secret of an identity provider', (_, content) => {
  writeFileSync(file, content);
  expect(() => readText(file)).toThrow(NotText);
  expect(() => tokenKeysFrom({ secretFile: file })).toThrow('is not text in UTF-8');
});

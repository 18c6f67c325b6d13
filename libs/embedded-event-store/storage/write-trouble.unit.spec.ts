import { expect, it } from 'vitest';
import { writeTrouble } from './write-trouble.js';

const failed = (code: string): Error => Object.assign(new Error('write failed'), { code });

it.each([
  ['ENOSPC', 'the disk is full (ENOSPC)'],
  ['EDQUOT', 'the disk quota is used up (EDQUOT)'],
  ['EFBIG', 'a file has reached the size limit of the process (EFBIG)'],
  ['EROFS', 'the file system is read-only (EROFS)'],
  ['EIO', 'the disk reports an error (EIO)'],
])('says of %s: %s, also where it is the cause of another error', (code, words) => {
  expect(writeTrouble(failed(code))).toBe(words);
  expect(writeTrouble(new Error('The index could not be written', { cause: failed(code) }))).toBe(words);
});

it('gives the innermost words where there is no code it knows', () => {
  expect(writeTrouble(new Error('outer', { cause: new Error('inner') }))).toBe('inner');
  expect(writeTrouble('text')).toBe('text');
});

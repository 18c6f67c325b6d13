import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCase, visibleText } from './fold-text.js';

const folded = (text: string): string => foldCase(visibleText(text)).trim();

describe('text without its cases', () => {
  it.each([
    ['Straße', 'STRASSE'],
    ['ẞ', 'ss'],
    ['ΟΔΥΣΣΕΎΣ', 'οδυσσεύς'],
    ['İSTANBUL', 'istanbul'],
    ['IŞIK', 'ışık'],
    ['\u212aelvin', 'KELVIN'],
  ])('%s is %s', (one, other) => expect(folded(one)).toBe(folded(other)));

  it('is the same for every character and its other cases', () => {
    for (let point = 0; point < 0x11_0000; point += 1) {
      const character = String.fromCodePoint(point);
      for (const other of [character.toUpperCase(), character.toLowerCase()]) {
        if (other !== character && folded(other) !== folded(character))
          expect.fail(`U+${point.toString(16)}`);
      }
    }
  });
});

describe('text as people see it', () => {
  it.each([
    ['ﬁle', 'file'],
    ['ｆｕｌｌ　ｗｉｄｔｈ', 'full width'],
    ['𝐡𝐞𝐥𝐥𝐨', 'hello'],
    ['Ⓗⓔⓛⓛⓞ', 'Hello'],
    ['ｶﾞｰﾄﾞ', 'ガード'],
    ['co\u00adoperate\u200b', 'cooperate'],
    ['می\u200cخواهم', 'میخواهم'],
    ['1\ufe0f\u20e3', '1'],
    ['👍🏽', ' 👍 '],
    ['it’s itʼs it＇s', "it's it's it's"],
    ['a–b—c‑d', 'a-b-c-d'],
    ['„so“ «so»', '"so" "so"'],
    ['Name™ 5½', 'Name TM  5 1⁄2 '],
  ])('%s is %s', (text, seen) => expect(visibleText(text)).toBe(seen));

  it('is the same in every canonically equivalent form', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.integer({ min: 0xc0, max: 0x24f }).map((point) => String.fromCodePoint(point)),
        fc.constantFrom(
          'e',
          '\u0301',
          '\u0323',
          '\u0307',
          'i',
          '⇐',
          '\u0338',
          'か',
          '\u3099',
          '한',
          'ㅎ',
          ' ',
        ),
      ),
    });
    fc.assert(
      fc.property(text, (any) => {
        expect(visibleText(any.normalize('NFD'))).toBe(visibleText(any));
        expect(visibleText(any.normalize('NFC'))).toBe(visibleText(any));
      }),
    );
  });
});

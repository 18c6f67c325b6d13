import { describe, expect, it } from 'vitest';
import { runsOf } from './runs.js';

const joints = (text: string) => runsOf(text).map(({ joint }) => joint);
const runs = (text: string): string[] => runsOf(text).map(({ text: run }) => run);

describe('the runs of a text', () => {
  it.each([
    ['say “hello”', ['say', 'hello']],
    ['build—green', ['build', 'green']],
    ['✅done', ['✅', 'done']],
    ['Erreur\u00a0: oui', ['erreur', 'oui']],
    ['http://www.example.co.uk/qwerty4', ['http', 'www', 'example', 'co', 'uk', 'qwerty4']],
    ['bob@example.com', ['bob', 'example', 'com']],
    ['<b>bold</b> **so** `x=1`', ['b', 'bold', 'b', 'so', 'x', '1']],
    ['iPhone発売 2026年', ['iphone', '発売', '2026', '年']],
    ['naïve नमस्ते שלום', ['naïve', 'नमस्ते', 'שלום']],
    ['🇪🇸🇩🇪👩‍💻', ['🇪🇸', '🇩🇪', '👩', '💻']],
    ['C++, C# and Γ++言語', ['c++', 'c#', 'and', 'γ++', '言語']],
    ['a++b page#top x+++ ##', ['a', 'b', 'page', 'top', 'x']],
    ['│ name │ █░ ⠋', ['name']],
    [' \u0301 !?', []],
  ])('%s', (text, expected) => expect(runs(text)).toEqual(expected));

  it('say what joins them', () => {
    expect(joints('foo_bar, baz-1')).toEqual([undefined, '_', undefined, '-']);
    expect(joints('a://b')).toEqual([undefined, '://']);
    expect(joints('iPhone発売')).toEqual([undefined, '']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clock, counted, duration, figure } from './figures.js';
import { inMarkdown } from './markdown.js';
import { markup } from './markup.js';
import { visible } from './visible.js';

const anyText = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), fc.constantFrom('\ud800', '\u202e', '<', '"')),
});

describe('markup', () => {
  it('escapes text wherever it stands', () => {
    expect(markup`<p title="${'"\'><script>'}">${'a & b'}</p>`.source).toBe(
      '<p title="&quot;&#39;&gt;&lt;script&gt;">a &amp; b</p>',
    );
  });

  it('keeps nested markup, in lists too, and leaves out undefined values', () => {
    const items = ['<', 2].map((item) => markup`<li>${item}</li>`);
    expect(markup`<ul>${items}</ul>${undefined}`.source).toBe('<ul><li>&lt;</li><li>2</li></ul>');
  });

  it('never lets text open a tag, end an attribute or contain characters that XML forbids', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { source } = markup`${text}`;
        expect(source).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
        // oxlint-disable-next-line no-control-regex -- these characters must not be there
        expect(source).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u);
      }),
    );
  });
});

describe('visible text', () => {
  it('spells out characters that are invisible or change the direction', () => {
    expect(visible('a\u0000b\u202ec\ud800d\u007f')).toBe('a\\u{0}b\\u{202e}c\\u{d800}d\\u{7f}');
  });

  it('leaves ordinary text unchanged', () => {
    const text = 'Hello 你好 مرحبا 🚀 e\u0301 👩‍👩‍👧\nline\ttab';
    expect(visible(text)).toBe(text);
  });
});

describe('text in Markdown', () => {
  it.each([
    ['<script>alert(1)</script>', '\\<script>alert(1)\\</script>'],
    ['a | b', 'a \\| b'],
    [
      '**bold** _it_ `code` [link](x) ~~no~~ $x$',
      '\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\[link\\](x) \\~\\~no\\~\\~ \\$x\\$',
    ],
    ['&lt; & so', '\\&lt; & so'],
    ['# heading', '\\# heading'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['two\nlines', 'two lines'],
    ['back\\slash', 'back\\\\slash'],
  ])('%s stays text', (text, written) => {
    expect(inMarkdown(text)).toBe(written);
  });

  it.each(['< 100 ms', '0.02 %', 'message_too_large', '503 “Connection lost, retrying...”'])(
    'leaves %s readable',
    (text) => {
      expect(inMarkdown(text)).toBe(text);
    },
  );
});

describe('figures', () => {
  it.each([
    [0, '0'],
    [0.0312, '0.031'],
    [2.34567, '2.35'],
    [318.44, '318'],
    [86_400.4, '86,400'],
    [Number.NaN, '–'],
  ])('%d is written %s', (value, written) => {
    expect(figure(value)).toBe(written);
  });

  it('format times, durations and counts', () => {
    expect([0, 59.6, 1_830, 3_845].map(clock)).toEqual(['0:00', '1:00', '30:30', '1:04:05']);
    expect([45.2, 60, 1_875].map(duration)).toEqual(['45 s', '1 min', '31 min 15 s']);
    expect([counted(1, 'target'), counted(2, 'target')]).toEqual(['1 target', '2 targets']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvFile } from './env-file.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const read = (text: string) => readEnvFile(Buffer.from(text));

describe('a settings file', () => {
  it.each([
    ['VERBATIM_PORT=8001\nVERBATIM_HOST=::1\n', { VERBATIM_PORT: '8001', VERBATIM_HOST: '::1' }],
    ['\ufeffVERBATIM_PORT=8001', { VERBATIM_PORT: '8001' }],
    ['VERBATIM_PORT=8001\r\nVERBATIM_HOST=::1\r\n', { VERBATIM_PORT: '8001', VERBATIM_HOST: '::1' }],
    ['  export VERBATIM_PORT=8001', { VERBATIM_PORT: '8001' }],
    ['\t VERBATIM_PORT = 8001 ', { VERBATIM_PORT: '8001' }],
    [
      '# VERBATIM_PORT 8001\n\n \t\nOTHER="two\nlines"\nVERBATIM_PORT=\'8001\'',
      { OTHER: 'two\nlines', VERBATIM_PORT: '8001' },
    ],
    ['', {}],
  ])('is read: %j', (text, values) => {
    expect(read(text)).toEqual({ values, mistakes: [] });
  });

  it.each([
    ['\u2028VERBATIM_PORT=8001', /^line 1 is not understood: a setting VERBATIM_PORT/],
    ['A=1\n\u00a0VERBATIM_PORT=8001', /^line 2 is not understood: a setting VERBATIM_PORT/],
    ['A=1\n\ufeffVERBATIM_PORT=8001', /^line 2 is not understood/],
    ['\ufeff\ufeffVERBATIM_PORT=8001', /^line 1 is not understood/],
    ['\u200bVERBATIM_PORT=8001', /^line 1 is not understood/],
    ['VERBATIM_PORT 8001', /^line 1 is not understood: a setting VERBATIM_PORT/],
    ['VERBATIM_PORT: 8001', /^line 1 is not understood/],
    ['set VERBATIM_PORT=8001', /^line 1 is not understood/],
    ['VERBATIM-PORT=8001', /^line 1 is not understood/],
    ['VERBATIM_PORT=8001\rVERBATIM_HOST=::1', /^line 1 \(VERBATIM_PORT\) has a control character/],
    ['# a comment\rVERBATIM_PORT=8001', /^line 1 is not understood/],
    ['VERBATIM_PORT=8001\u2028VERBATIM_HOST=::1', /^line 1 \(VERBATIM_PORT\) has a control character/],
    ['VERBATIM_PORT=80\u000001', /^is not text in UTF-8/],
  ])('is not taken for another: %j', (text, mistake) => {
    expect(read(text).mistakes).toEqual([expect.stringMatching(mistake)]);
    expect(read(text).values).toEqual({});
  });

  it.each(['utf16le', 'latin1'] as const)('in another encoding is no settings file: %s', (encoding) => {
    const bytes = Buffer.from('VERBATIM_NODE=caf\u00e9\n', encoding);
    expect(readEnvFile(bytes).mistakes).toEqual(['is not text in UTF-8']);
  });

  it('never shows a value', () => {
    expect(read('KEY hunter2\nVERBATIM_KEY hunter2=3\n').mistakes.join()).not.toContain('hunter2');
  });

  it('gives its setting or a mistake, whatever is written before it', () => {
    const before = fc.string({ unit: 'binary', maxLength: 5 }).filter((text) => !/[#\n"'`]/.test(text));
    fc.assert(
      fc.property(before, (prefix) => {
        const { values, mistakes } = read(`A=1\n${prefix}VERBATIM_PORT=8001\n`);
        const isSaid = mistakes.length > 0 || values['VERBATIM_PORT'] === '8001';
        // The name may be a longer one. That is known, or reported, by the longer name.
        expect(isSaid || Object.keys(values).some((name) => name.endsWith('VERBATIM_PORT'))).toBe(true);
      }),
      { numRuns: propertyRuns(1_000) },
    );
  });
});

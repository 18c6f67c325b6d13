import { describe, expect, it } from 'vitest';
import { endingsTable } from './endings-table.js';

const outcome = (client: string, did: string, seconds: number, isAsExpected = true) => ({
  client,
  did,
  seconds,
  isAsExpected,
});

describe('the table of endings', () => {
  it('has a row for each ending and a column for each client, and marks unexpected results', () => {
    const matrix = new Map([
      ['it stops', [outcome('JavaScript', 'back', 1.24), outcome('Python', 'not back: no word', 0, false)]],
      ['a large frame', [outcome('JavaScript', 'stays connected', 0)]],
    ]);
    expect(endingsTable(matrix).split('\n')).toEqual([
      '|  | JavaScript | Python |',
      '| --- | --- | --- |',
      '| it stops | back, 1.2 s | **not back: no word** |',
      '| a large frame | stays connected | not tried |',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { endingsTable, withNewRows } from './endings-table.js';

const outcome = (client: string, did: string, seconds: number, isAsExpected = true) => ({
  client,
  did,
  seconds,
  isAsExpected,
});

const tableOf = (...rows: [string, number][]): string =>
  endingsTable(new Map(rows.map(([ending, seconds]) => [ending, [outcome('Python', 'back', seconds)]])));

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

  it('keeps the rows of endings that were not tried again', () => {
    const merged = withNewRows(
      tableOf(['it stops', 1], ['it is killed', 2]),
      tableOf(['it is new', 3], ['it stops', 4]),
    );
    expect(merged).toBe(tableOf(['it stops', 4], ['it is killed', 2], ['it is new', 3]));
    expect(() => withNewRows(merged, merged.replace('Python', 'JavaScript'))).toThrow('other clients');
  });
});

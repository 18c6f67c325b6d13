import { IsString, ValidateNested, validateSync } from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { HistoryRequest, JoinRequest, WhoRequest } from '../requests/channel.requests.js';
import { EditRequest, RedactRequest } from '../requests/change.requests.js';
import { PostRequest } from '../requests/post.request.js';
import { compileRules } from './compiled-rules.js';

const SHAPES = [PostRequest, EditRequest, RedactRequest, JoinRequest, HistoryRequest, WhoRequest] as const;

const ID = '0198c0de-0000-7000-8000-00000000000a';

/** Values on both sides of the rules, for any field. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    ID,
    'ops',
    'hello',
    'now',
    'start',
    '',
    ' \t',
    '../x',
    null,
    undefined,
    -1,
    0,
    200,
  ),
  fc.constantFrom<unknown>(NaN, 1.5, [], {}, 'x'.repeat(128), 'x'.repeat(129), '€'.repeat(3_414)),
  fc.anything(),
  fc.jsonValue(),
);

describe('compiled rules', () => {
  it.each(SHAPES.map((shape) => [shape.name, shape] as const))(
    'of %s agree with class-validator',
    (_, shape) => {
      const keepsRules = compileRules(shape)!;
      const fields = [
        'id',
        'channel',
        'target',
        'body',
        'data',
        'replyTo',
        'correlationId',
        'reason',
        'from',
        'before',
      ];
      const usual = { id: ID, channel: 'ops', target: ID, body: 'hello' };
      const made = fc.dictionary(fc.constantFrom(...fields, 'after', 'limit'), value, { maxKeys: 4 });
      let kept = 0;
      fc.assert(
        fc.property(made, (given) => {
          const request = Object.assign(new shape(), usual, given);
          const isKept = validateSync(request, { forbidUnknownValues: true }).length === 0;
          expect(keepsRules(request)).toBe(isKept);
          if (isKept) kept += 1;
        }),
        { numRuns: propertyRuns(300) },
      );
      expect(kept).toBeGreaterThan(0);
    },
  );

  it('do not exist for a class without rules, or with rules for each item, in groups or of nested objects', () => {
    class None {
      item: string;
    }
    class Each {
      @IsString({ each: true }) items: string[];
    }
    class Groups {
      @IsString({ groups: ['one'] }) item: string;
    }
    class Sometimes {
      @IsString({ validateIf: () => false }) item: string;
    }
    class Nested {
      @ValidateNested() item: object;
    }
    for (const shape of [None, Each, Groups, Sometimes, Nested]) expect(compileRules(shape)).toBeUndefined();
  });
});

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ASYNCAPI, NAMESPACES } from '#libs/protocol/asyncapi/document.js';
import { answerSchema } from '#libs/protocol/asyncapi/namespace.js';
import { JsonSchemas } from '#test/support/json-schemas.js';
import { fencesOf } from '#test/support/markdown.js';

const schemas = new JsonSchemas();
const { schemasWithoutId } = createRequire(import.meta.url)('@asyncapi/specs') as {
  schemasWithoutId: Record<string, object>;
};
const read = (path: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../docs/protocol/${path}`, import.meta.url)), 'utf8');

const references = (part: unknown): string[] => {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' ? [value as string] : references(value),
  );
};

describe('the AsyncAPI document', () => {
  it('is valid by the specification’s own schema', () => {
    expect(schemas.problems(schemasWithoutId[ASYNCAPI.asyncapi]!, ASYNCAPI)).toEqual([]);
  });

  it('has only references that resolve', () => {
    for (const reference of references(ASYNCAPI)) {
      const place = reference.slice(2).split('/');
      const found = place.reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], ASYNCAPI);
      expect([reference, typeof found]).toEqual([reference, 'object']);
    }
  });

  it('describes only messages that the protocol documents name', async () => {
    for (const [namespace, file] of [
      ['bots', 'v1.md'],
      ['admin', 'admin.md'],
      ['audit', 'audit.md'],
    ] as const) {
      const { told, asked } = NAMESPACES.find(({ name }) => name === namespace)!;
      const text = await read(file);
      for (const { event } of [...told, ...asked])
        expect([file, text.includes(`\`${event}\``)]).toEqual([file, true]);
    }
  });

  it('fits the examples in the documents', async () => {
    const bots = NAMESPACES[0];
    const byFence: Record<string, object> = {
      ...Object.fromEntries([...bots.told, ...bots.asked].map(({ event, payload }) => [event, payload])),
      auth: bots.auth,
      signalled: bots.told.find(({ event }) => event === 'signal')!.payload,
      changes: NAMESPACES[1].told.find(({ event }) => event === 'changes')!.payload,
    };
    const fences = [...fencesOf(await read('v1.md')), ...fencesOf(await read('admin.md'))];
    let checked = 0;
    for (const { language, text } of fences) {
      const [, kind] = language.split(' ');
      const payload: unknown = language.startsWith('json') ? JSON.parse(text) : undefined;
      if (kind !== undefined) {
        expect([kind, schemas.problemsWhole(byFence[kind]!, payload)]).toEqual([kind, []]);
        checked += 1;
      } else if (payload !== undefined && 'ok' in (payload as object)) {
        const answers = bots.asked.map(({ answer }) => answerSchema(answer));
        expect(answers.some((schema) => schemas.problemsWhole(schema, payload).length === 0)).toBe(true);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(20);
  });
});

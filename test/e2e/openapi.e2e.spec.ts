import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '#libs/protocol/errors.js';
import { startVerbatim } from '#test/support/verbatim.js';
import type { Verbatim } from '#test/support/verbatim.js';

type Content = Readonly<{
  example?: unknown;
  examples?: Record<string, { value: { code: string; status: number; retryable: boolean } }>;
  schema?: { example?: unknown };
}>;
type Operation = Readonly<{
  summary?: string;
  security?: unknown[];
  parameters?: readonly { name: string; in: 'path' | 'query'; schema?: { example?: unknown } }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
}>;

let verbatim: Verbatim;
let operations: Map<string, Operation>;
const keys = { admin: '', bot: '' };

beforeAll(async () => {
  verbatim = await startVerbatim();
  const { body } = await verbatim.request('GET', '/docs/openapi.json');
  const paths = body['paths'] as Record<string, Record<string, Operation>>;
  operations = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    ),
  );
  keys.admin = verbatim.adminKey;
  keys.bot = await verbatim.createBot('tester');
  await verbatim.addMember('general', 'tester');
});

afterAll(() => verbatim?.remove());

const exampleOf = (content: Record<string, Content> | undefined): unknown => {
  const [first] = Object.values(content ?? {});
  return first?.example ?? first?.schema?.example;
};

/** Asks as the examples say. What has no example is left out. */
const call = async (name: string, key: string) => {
  const [method, path] = name.split(' ') as [string, string];
  const { parameters = [], requestBody } = operations.get(name)!;
  const examples = parameters.filter(({ schema }) => schema?.example !== undefined);
  const query = new URLSearchParams();
  let address = path;
  for (const { name: field, in: place, schema } of examples) {
    const value = String(schema!.example);
    if (place === 'path') address = address.replace(`{${field}}`, value);
    else query.set(field, value);
  }
  // Projections are what the system has, whatever the example says.
  address = address.replaceAll(/\{\w+\}/g, 'channels');
  return verbatim.request(method, `${address}?${query.toString()}`, exampleOf(requestBody?.content), key);
};

const depth = (name: string): number => name.split('/').length;

const BY_BOTS = ['POST /v1/messages', 'GET /v1/channels/{channel}/messages'];

/** Fields both have are of the same kind; what the example lacks may be there, what is optional may be missing. */
const expectAlike = (answer: unknown, example: unknown, where: string): void => {
  if (Array.isArray(example)) {
    expect(Array.isArray(answer), where).toBe(true);
    for (const item of answer as unknown[]) expectAlike(item, example[0], `${where}[]`);
  } else if (typeof example === 'object' && example !== null) {
    expect(typeof answer, where).toBe('object');
    for (const [field, value] of Object.entries(example)) {
      const given = (answer as Record<string, unknown>)[field];
      if (given !== undefined) expectAlike(given, value, `${where}.${field}`);
    }
  } else expect(typeof answer, where).toBe(typeof example);
};

describe('the OpenAPI document', () => {
  it('says what each route is for, what it answers, and with which problems', () => {
    for (const [name, { summary, security, responses }] of operations) {
      expect(summary, name).toBeTruthy();
      const good = Object.keys(responses).filter((status) => status.startsWith('2'));
      expect(good.length, name).toBeGreaterThan(0);
      for (const status of good) {
        if (status !== '204')
          expect(exampleOf(responses[status]!.content), `${name}: ${status}`).toBeDefined();
      }
      if (security)
        expect(Object.keys(responses), name).toEqual(expect.arrayContaining(['400', '401', '403', '503']));
    }
  });

  it('gives every problem its own status', () => {
    for (const [name, { responses }] of operations) {
      for (const [status, { content }] of Object.entries(responses)) {
        const problems = content?.['application/problem+json']?.examples ?? {};
        for (const [code, { value }] of Object.entries(problems)) {
          expect(value, `${name}: ${code}`).toMatchObject({ code, ...ERROR_CODES[code as ErrorCode] });
          expect(`${value.status}`, `${name}: ${code}`).toBe(status);
        }
      }
    }
  });

  it('is true: each example is answered as it says, in the order in which things are made and undone', async () => {
    const order = ['POST', 'PUT', 'GET', 'DELETE'];
    const rank = (name: string): number =>
      order.indexOf(name.split(' ')[0]!) +
      (name.includes('/archive') || name.includes('/projections/') ? 10 : 0);
    const names = [...operations.keys()].toSorted((a, b) => rank(a) - rank(b) || depth(a) - depth(b));
    for (const name of names) {
      const answer = await call(name, BY_BOTS.includes(name) ? keys.bot : keys.admin);
      const documented = operations.get(name)!.responses[`${answer.status}`];
      expect(documented, `${name}: ${answer.status} ${answer.text}`).toBeDefined();
      if (answer.status === 204) continue;
      const type = answer.headers.get('content-type')!.split(';')[0]!;
      expect(Object.keys(documented!.content ?? {}), name).toContain(type);
      if (type === 'application/problem+json') {
        const codes = Object.keys(documented!.content![type]!.examples ?? {});
        expect(codes, name).toContain(answer.body['code']);
      } else if (type === 'application/json') {
        expectAlike(JSON.parse(answer.text), exampleOf(documented!.content), name);
      }
    }
  });
});

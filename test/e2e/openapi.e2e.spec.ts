import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { ERROR_CODES, type ErrorCode } from '#libs/protocol/errors.js';
import { JsonSchemas } from '#test/support/json-schemas.js';
import { TestBot } from '#tools/harness/bots/test-bot.js';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import type { Verbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

type ParameterSchema = { example?: unknown; enum?: string[] };
type Content = Readonly<{
  example?: unknown;
  examples?: Record<string, { value: { code: string; status: number; retryable: boolean } }>;
  schema?: { example?: unknown; type?: string };
}>;
type Parameter = Readonly<{ name: string; in: 'path' | 'query'; schema: ParameterSchema }>;
type Operation = Readonly<{
  summary?: string;
  security?: unknown[];
  parameters?: readonly Parameter[];
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
  await live();
});

/** Gives every field a value to show: edits and redactions, presence, a suspended bot, an archived channel. */
const live = async (): Promise<void> => {
  const bot = await TestBot.connect(verbatim.url, { key: keys.bot });
  const [id, edited, redacted] = [uuidv7(), uuidv7(), uuidv7()];
  await bot.must('post', { id, channel: 'general', body: 'one', data: [{ n: 1 }], correlationId: 'c' });
  await bot.must('post', { id: edited, channel: 'general', body: 'two', replyTo: id });
  await bot.must('edit', { id: uuidv7(), channel: 'general', target: edited, body: 'three' });
  await bot.must('post', { id: redacted, channel: 'general', body: 'four' });
  await bot.must('redact', { id: uuidv7(), channel: 'general', target: redacted, reason: 'a slip' });
  bot.close();
  await verbatim.createBot('idle');
  await verbatim.request('POST', '/v1/bots/idle/suspend', { reason: 'idle' });
  await verbatim.createChannel('closed');
  await verbatim.request('POST', '/v1/channels/closed/archive');
  await verbatim.request('POST', '/v1/projections/bots/rebuild', {});
  await waitFor('the read models', async () => {
    const [bots, channels, messages, projections] = await Promise.all(
      ['bots', 'channels', 'messages', 'projections'].map((list) => verbatim.request('GET', `/v1/${list}`)),
    );
    return (
      bots!.text.includes('"suspendedAt"') &&
      bots!.text.includes('"offline"') &&
      channels!.text.includes('"archivedAt"') &&
      messages!.text.includes('"redactedAt"') &&
      projections!.text.includes('"kept"')
    );
  });
  await waitFor(
    'a checkpoint',
    async () => (await verbatim.request('GET', '/v1/audit/log/key')).status === 200,
    30_000,
  );
};

afterAll(() => verbatim?.remove());

const exampleOf = (content: Record<string, Content> | undefined): unknown => {
  const [first] = Object.values(content ?? {});
  return first?.example ?? first?.schema?.example;
};

/** Sends a request with this query. Path parameters are those of the example. */
const call = async (name: string, query: Record<string, string>, key: string) => {
  const [method, path] = name.split(' ') as [string, string];
  const { parameters = [], requestBody } = operations.get(name)!;
  // The bot of the example is another one than the one that posts here.
  let address = path.replace('/messages/{bot}', '/messages/tester');
  for (const { name: field, in: place, schema } of parameters) {
    if (place === 'path') address = address.replace(`{${field}}`, String(schema.example));
  }
  const search = new URLSearchParams(query).toString();
  return verbatim.request(method, `${address}?${search}`, exampleOf(requestBody?.content), key);
};

/**
 * Returns every way to ask that the examples show: without a query, with each parameter alone and each word it knows,
 * and with all at once.
 */
const waysToAsk = ({ parameters = [] }: Operation): Record<string, string>[] => {
  const query = parameters.filter(
    ({ in: place, schema }) => place === 'query' && schema.example !== undefined,
  );
  const alone = query.flatMap(({ name, schema }) =>
    (schema.enum ?? [schema.example]).map((value) => ({ [name]: String(value) })),
  );
  const all = Object.fromEntries(query.map(({ name, schema }) => [name, String(schema.example)]));
  return query.length === 0 ? [{}] : [{}, ...alone, all];
};

const depth = (name: string): number => name.split('/').length;

const BY_BOTS = ['POST /v1/messages', 'GET /v1/channels/{channel}/messages'];

/** Sends a request again while the message that was just posted has no proof yet. */
const callWhenReady = (name: string, query: Record<string, string>) =>
  waitFor(
    `an answer to ${name}`,
    async () => {
      const answer = await call(name, query, BY_BOTS.includes(name) ? keys.bot : keys.admin);
      return answer.body['code'] === 'proof_not_ready' ? undefined : answer;
    },
    30_000,
  );

const schemas = new JsonSchemas();

describe('the OpenAPI document', () => {
  it('says what each route is for, what it answers, and which problems it may return', () => {
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

  it('has examples that fit their schemas: parameters, requests, answers and problems', () => {
    for (const [name, { parameters = [], requestBody, responses }] of operations) {
      const contents = [requestBody, ...Object.values(responses)].flatMap((part) =>
        Object.values(part?.content ?? {}),
      );
      for (const content of contents) {
        const problems = Object.values(content.examples ?? {}).map(({ value }) => value as unknown);
        for (const example of [content.example ?? content.schema?.example, ...problems])
          if (example !== undefined)
            expect({ name, example, problems: schemas.problemsWhole(content.schema!, example) }).toEqual({
              name,
              example,
              problems: [],
            });
      }
      for (const { name: field, schema } of parameters) {
        if (schema.example === undefined) expect(['cursor', 'after']).toContain(field);
        else expect([name, field, schemas.problems(schema, schema.example)]).toEqual([name, field, []]);
      }
    }
  });

  it('is true: each example is answered as documented, in the order in which things are made and undone', async () => {
    const order = ['POST', 'PUT', 'GET', 'DELETE'];
    const rank = (name: string): number =>
      order.indexOf(name.split(' ')[0]!) +
      (name.includes('/archive') || name.includes('/projections/') ? 10 : 0);
    const names = [...operations.keys()].toSorted((a, b) => rank(a) - rank(b) || depth(a) - depth(b));
    const good = new Set<string>();
    for (const name of names) {
      for (const query of waysToAsk(operations.get(name)!)) {
        const answer = await callWhenReady(name, query);
        const asked = `${name} ${JSON.stringify(query)}: ${answer.status} ${answer.text.slice(0, 300)}`;
        const documented = operations.get(name)!.responses[`${answer.status}`];
        expect(documented, asked).toBeDefined();
        if (answer.status < 300) good.add(name);
        if (answer.status === 204) continue;
        const type = answer.headers.get('content-type')!.split(';')[0]!;
        const content = documented!.content?.[type];
        expect(content, `${asked}, as ${type}`).toBeDefined();
        if (type === 'application/problem+json')
          expect(Object.keys(content!.examples ?? {}), asked).toContain(answer.body['code']);
        if (content!.schema!.type !== 'string')
          expect(schemas.problemsWhole(content!.schema!, JSON.parse(answer.text)), asked).toEqual([]);
      }
    }
    // The others need something that does not exist here: an earlier generation, a key of that id, an event that nobody
    // understands, a key that is lost, or a witness.
    expect(names.filter((name) => !good.has(name))).toEqual([
      'POST /v1/damaged',
      'POST /v1/audit/log/keys/replace',
      'GET /v1/audit/log/checkpoint/witnessed',
      'DELETE /v1/keys/{id}',
      'DELETE /v1/bots/{name}/keys/{id}',
      'POST /v1/projections/{name}/revert',
    ]);
    // A message has no proof before the next checkpoint, and a key changes with one.
  }, 60_000);
});

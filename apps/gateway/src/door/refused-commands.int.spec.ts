import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';

let log: TestLog;
let gateway: TestGateway;
let admin: string;

beforeAll(async () => {
  log = await startTestLog();
  gateway = await startTestGateway(log);
  admin = await gateway.operator('admin');
});
afterAll(async () => {
  await gateway?.stop();
  await log?.stop();
});

const BAD_NAME = 'invalid_name';
const NAME_RULE = 'Field "name" must match ^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$';

/** What is asked, with which body, and the code and the words of the refusal. What is wrong first is refused. */
const REFUSED: readonly (readonly [string, string, string | undefined, string, string])[] = [
  ['POST', 'bots', undefined, 'invalid_payload', 'Field "name" must be a string'],
  ['POST', 'bots', '[]', 'invalid_payload', 'The payload must be a JSON object'],
  ['POST', 'bots', '{"name":"a b"}', BAD_NAME, NAME_RULE],
  ['POST', 'bots', '{"name":"a","colour":1}', 'invalid_payload', 'Unknown field "colour"'],
  ['POST', 'bots/a%20b/keys', '{"colour":1}', BAD_NAME, NAME_RULE],
  ['POST', 'bots/a/keys', '{"colour":1}', 'invalid_payload', 'Unknown field "colour"'],
  ['POST', 'bots/a/keys', undefined, 'unknown_bot', 'There is no bot named "a"'],
  ['DELETE', 'bots/a%20b/keys/1', undefined, BAD_NAME, NAME_RULE],
  ['POST', 'bots/a%20b/suspend', '{"reason":1}', BAD_NAME, NAME_RULE],
  ['POST', 'bots/a/suspend', 'null', 'invalid_payload', 'The payload must be a JSON object'],
  ['POST', 'bots/a/suspend', undefined, 'unknown_bot', 'There is no bot named "a"'],
  ['POST', 'bots/a%20b/reinstate', undefined, BAD_NAME, NAME_RULE],
  ['POST', 'channels', '{"channel":7}', 'invalid_payload', 'Field "channel" must be a string'],
  ['POST', 'channels/a%20b/archive', undefined, BAD_NAME, NAME_RULE],
  ['PUT', 'channels/a%20b/members/c%20d', undefined, BAD_NAME, NAME_RULE],
  ['DELETE', 'channels/general/members/c%20d', undefined, BAD_NAME, NAME_RULE],
  ['POST', 'keys', '{"role":"king"}', 'invalid_payload', 'Field "role" must be "admin" or "auditor"'],
];

describe('a command that cannot be carried out', () => {
  it.each(REFUSED)('%s %s with %s is refused as %s', async (method, path, body, code, detail) => {
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
    const answer = await fetch(`${gateway.url}/v1/${path}`, { method, headers, ...(body && { body }) });
    expect(await answer.json()).toMatchObject({ code, detail });
  });
});

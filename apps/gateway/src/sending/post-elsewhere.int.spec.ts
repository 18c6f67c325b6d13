import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { startTestGateway, startTestLog } from '#test/support/gateway-app.js';
import type { TestGateway, TestLog } from '#test/support/gateway-app.js';

let log: TestLog;
let here: TestGateway;
let there: TestGateway;

beforeAll(async () => {
  log = await startTestLog();
  here = await startTestGateway(log);
  there = await startTestGateway(log);
  // From now on the log brings this gateway nothing, so it lags as far as possible.
  await there.app.get(LogFeed).close();
});
afterAll(async () => {
  await there?.stop();
  await here?.stop();
  await log?.stop();
});

describe('a change made at one gateway', () => {
  it('counts at once at another: key, channel and membership, for a post and for history by HTTP', async () => {
    await here.channel('ops');
    const key = await here.bot('ada');
    await here.member('ops', 'ada');
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const history = (): Promise<Response> => fetch(`${there.url}/v1/channels/ops/messages`, { headers });
    expect((await history()).status).toBe(200);

    await here.channel('dev');
    await here.member('dev', 'ada');
    const body = JSON.stringify({ id: uuidv7(), channel: 'dev', body: 'at once' });
    const posted = await fetch(`${there.url}/v1/messages`, { method: 'POST', headers, body });
    expect(posted.status).toBe(201);
  });
});

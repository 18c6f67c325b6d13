import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { connectClient, closeClient } from '../client.js';
import type { StoreClient } from '../client.js';
import { firstOf } from '../stored/read-request.js';
import { openRead } from '../stored/read-call.js';

const CALLS = 20;

/** A server that answers no call. */
let server: Http2Server;
let come: number;
let open: number;
let client: StoreClient;

beforeEach(async () => {
  [come, open] = [0, 0];
  server = createServer().on('stream', (stream) => {
    come += 1;
    open += 1;
    stream.on('error', () => undefined).on('close', () => (open -= 1));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `esdb://127.0.0.1:${(server.address() as AddressInfo).port}?tls=false`;
  client = connectClient(address);
});

afterEach(async () => {
  await closeClient(client);
  server.close();
});

const untilNoneIsOpen = async (): Promise<void> => {
  // A call over the same connection that comes later shows that the server has seen those before.
  const last = await openRead(client, firstOf('backwards', 'end'));
  const before = come;
  await waitFor('the last call', () => come > before);
  last.cancel();
  await waitFor('no call to be open', () => open === 0).catch(() => undefined);
  expect(open).toBe(0);
};

describe('a call that is cancelled in the turn in which it is made', () => {
  it('is not left open at the server: a read that was given up before', async () => {
    for (let number = 0; number < CALLS; number += 1)
      await expect(openRead(client, firstOf('backwards', 'end'), AbortSignal.abort())).rejects.toThrow();
    await untilNoneIsOpen();
  });

  it('is not left open at the server: a read that is cancelled at once', async () => {
    for (let number = 0; number < CALLS; number += 1)
      (await openRead(client, firstOf('backwards', 'end'))).cancel();
    await untilNoneIsOpen();
  });
});

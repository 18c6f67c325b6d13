import { EventStoreDBClient, binaryEvent } from '@eventstore/db-client';
import { v4 as uuidv4 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { ACTS_STREAM, DECISIONS_STREAM } from '#libs/domain/stream-names.js';
import { forge } from '#test/support/forge.js';
import { TwoGateways } from '#test/support/two-gateways.js';
import type { Json } from '#libs/domain/json.js';

let two: TwoGateways;

beforeAll(async () => {
  two = await TwoGateways.start();
});
afterAll(() => two?.remove());

describe('a decision', () => {
  it('is refused for an event that is understood, does not exist, or is not in a stream of ours', async () => {
    const channel = await two.scene(1);
    await forge(two.outsider, 'audit-odd', 'AdminActed', null);
    const answers = await Promise.all(
      (
        [
          [`messages-${channel}`, 0],
          [`messages-${channel}`, 1],
          ['messages-never', 0],
          ['audit-odd', 0],
          ['', 0],
          [`messages-${channel}`, -1],
          [`messages-${channel}`, 0.5],
        ] as const
      ).map(async ([stream, revision]) => {
        const { status, body } = await two.setAside(stream, revision);
        return [status, body['code']];
      }),
    );
    expect(answers).toEqual([
      [409, 'not_damaged'],
      [404, 'not_found'],
      [404, 'not_found'],
      [409, 'not_damaged'],
      [400, 'invalid_payload'],
      [400, 'invalid_payload'],
      [400, 'invalid_payload'],
    ]);
    for (const wrong of [two.key, undefined]) {
      const { status } = await two.api().request('POST', '/v1/damaged', {}, wrong ?? 'nothing');
      expect(status).toBe(wrong ? 403 : 401);
    }
  });

  it('is final: another one is answered with the first, at every gateway, one at a time or at once', async () => {
    const channel = await two.scene(0);
    const stream = `messages-${channel}`;
    await forge(two.outsider, stream, 'MessagePosted', null);
    await forge(two.outsider, stream, 'MessagePosted', null);
    const first = await two.setAside(stream, 0);
    expect(first.status).toBe(201);
    const again = await two
      .api(two.gateways[0])
      .request('POST', '/v1/damaged', { stream, revision: 0, reason: 'x' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    const rivals = await Promise.all(
      [...two.gateways, ...two.gateways].map((one) => two.setAside(stream, 1, one)),
    );
    for (const { body } of rivals) expect(body['setAsideAt']).toBe(rivals[0]!.body['setAsideAt']);
    let decisions = 0;
    for await (const { data } of two.outsider.readStream(DECISIONS_STREAM))
      if ((data as { stream?: string } | null)?.stream === stream) decisions += 1;
    expect(decisions).toBe(2);
  });

  it('is recorded as an act before it is made, even if it then fails', async () => {
    const channel = await two.scene(0);
    const stream = `messages-${channel}`;
    await two.setAside(stream, 0);
    await forge(two.outsider, stream, 'MessagePosted', null);
    await two.setAside(stream, 0);
    const acts: unknown[] = [];
    for await (const { data } of two.outsider.readStream(ACTS_STREAM))
      if ((data as { subject: string }).subject === `${stream} 0`) acts.push(data);
    const act = { act: 'event.set-aside', subject: `${stream} 0`, keyId: two.adminKeyId };
    expect(acts).toEqual([act, act]);
  });

  it('that nobody understands decides nothing, locks out nobody, and can be set aside like any other', async () => {
    const channel = await two.scene(1);
    const stream = `messages-${channel}`;
    const { revision: at } = await forge(two.outsider, stream, 'MessagePosted', null);
    const revisions: number[] = [];
    for (const data of [
      null,
      7,
      { stream, revision: '1', reason: 'r', keyId: 'k' },
      { stream, revision: 1 },
      { stream, revision: 1, reason: '', keyId: 'k' },
      { stream, revision: 1, reason: 'r'.repeat(501), keyId: 'k' },
    ] as Json[])
      revisions.push((await forge(two.outsider, DECISIONS_STREAM, 'EventSetAside', data)).revision);
    revisions.push(
      (await forge(two.outsider, DECISIONS_STREAM, 'EventForgiven', { stream, revision: 1 })).revision,
    );
    await forge(two.outsider, 'decisions-others', 'EventSetAside', {
      stream,
      revision: 1,
      reason: 'r',
      keyId: 'k',
    });
    // A decision about an event that can be decoded hides nothing.
    const forged = { stream, revision: 0, reason: 'r', keyId: 'k' };
    await forge(two.outsider, DECISIONS_STREAM, 'EventSetAside', forged);
    await two.stopped(channel);
    await two.restart();
    await two.stopped(channel);
    expect((await two.setAside(stream, at)).status).toBe(201);
    for (const gateway of two.gateways) {
      await waitFor('the channel', async () => (await two.post(gateway, channel)) === 'ok');
      expect(await two.fromStart(gateway, channel)).toContain('0');
    }
    expect(two.named()).toContain(`"${DECISIONS_STREAM}"`);
    for (const revision of revisions)
      expect((await two.setAside(DECISIONS_STREAM, revision)).status).toBe(201);
    expect((await two.setAside('decisions-others', 0)).status).toBe(201);
    expect(two.named()).not.toContain('"decisions-');
  });

  it('may be about any stream of ours: presence, cursors, heartbeats, admins’ keys, invalid names', async () => {
    const client = EventStoreDBClient.connectionString(two.log.connectionString);
    const streams = [
      'presence-ada',
      'cursor-ada.steady',
      'gateways-heartbeats',
      'keys-admin',
      'keys-nobody',
      'messages-no such name!',
      `messages-${'x'.repeat(300)}`,
      'channel-',
      'bot-__proto__',
    ];
    for (const stream of streams) {
      const { nextExpectedRevision } = await client.appendToStream(
        stream,
        binaryEvent({ type: 'MessagePosted', data: Buffer.from([0, 255]) }),
      );
      const revision = Number(nextExpectedRevision);
      expect((await two.setAside(stream, revision)).body).toMatchObject({
        stream,
        revision,
        status: 'set_aside',
      });
    }
    await client.dispose();
    await two.restart();
    for (const gateway of two.gateways)
      for (const stream of streams) expect(two.named(gateway)).not.toContain(`"${stream}"`);
    const bot = await two.connect(two.gateways[0]!, { consumer: 'steady' });
    await waitFor('presence', async () =>
      JSON.stringify(await bot.must('who', { channel: await two.scene(0) })).includes('online'),
    );
    bot.close();
    expect((await two.api().request('POST', '/v1/messages', { id: uuidv4() }, two.admin)).status).toBe(403);
  });
});

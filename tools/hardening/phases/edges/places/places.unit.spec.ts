import { expect, it } from 'vitest';
import { places, routes, scene } from '#test/support/hardening-edges.js';
import { answerToText } from './place.js';
import type { Place } from './place.js';

const at = (where: string, stage = scene()): Place => {
  const place = places(stage).find((one) => one.where === where);
  if (place === undefined) throw new Error(`${where} was forgotten`);
  return place;
};

const bodyOf = (request: object): unknown => JSON.parse((request as { body: string }).body);

it('are all parameters and fields of all routes, and all fields of all requests over Socket.IO', () => {
  expect(routes()).toHaveLength(4);
  const all = places().map(({ where }) => where);
  expect(all).toEqual(
    expect.arrayContaining([
      'POST /v1/messages "correlationId"',
      'GET /v1/messages query "limit"',
      'DELETE /v1/bots/{name}/keys/{id} path "id"',
      'post "replyTo"',
      'edit "target"',
      'redact "reason"',
      'ack, a channel in the map',
      'join "from"',
      'leave "channel"',
      'history "before"',
      'who "channel"',
      'signal "type"',
      'handshake "consumer"',
      'handshake "backlog"',
    ]),
  );
  expect(new Set(all).size).toBe(all.length);
});

it('take a value along with the other required ones, and leave an undefined one out', () => {
  const asked = at('POST /v1/messages "correlationId"').put('c');
  expect(asked).toMatchObject({ method: 'POST', path: '/v1/messages', as: 'bot' });
  expect(bodyOf(asked)).toMatchObject({ channel: 'edges-1', body: 'fine', correlationId: 'c' });
  expect(bodyOf(at('POST /v1/messages "body"').put(undefined))).not.toHaveProperty('body');
  expect(at('ack, a channel in the map').put('x')).toMatchObject({ args: [{ x: 0 }] });
  expect(at('handshake "consumer"').put(null)).toMatchObject({ auth: { key: 'k2', consumer: null } });
});

it('put a value into an address as it stands', () => {
  expect(at('DELETE /v1/bots/{name}/keys/{id} path "id"').put('../x')).toMatchObject({
    path: '/v1/bots/edges-1-spare/keys/../x',
  });
  expect(at('GET /v1/messages query "q"').put('a%2f')).toMatchObject({ path: '/v1/messages?q=a%2f' });
});

it('never read a long log from its beginning', () => {
  expect(at('GET /v1/audit/events query "stream"').put('x')).toMatchObject({
    path: '/v1/audit/events?limit=1&from=2026-11-26T19:00:00.000Z&stream=x',
  });
});

it('give each accepted change a message of its own', () => {
  const stage = { ...scene(), targets: ['one', 'two'] };
  const target = (): unknown =>
    (at('edit "body"', stage).put('x') as unknown as { args: { target: string }[] }).args[0]!.target;
  expect([target(), target()]).toEqual(['two', 'one']);
});

it('are answered according to their kind', () => {
  expect(answerToText(at('GET /v1/messages query "q"'))).toBe('taken');
  expect(answerToText(at('who "channel"'))).toMatchObject({ code: 'invalid_name', status: 400 });
  expect(answerToText(at('handshake "key"'))).toMatchObject({ code: 'unauthenticated', status: 401 });
  expect(answerToText(at('DELETE /v1/bots/{name}/keys/{id} path "id"'))).toMatchObject({ status: 404 });
  expect(answerToText(at('join "from"'))).toMatchObject({ code: 'invalid_payload', status: 400 });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.js';
import { PostRequest } from '../requests/post.request.js';
import { JoinRequest } from '../requests/channel.requests.js';
import { parseHandshake } from '../requests/handshake.js';
import { parseCursorMap } from '../requests/cursor-map.js';
import { parseRequest } from './parse-request.js';

const valid = { id: '0198c0de-0000-7000-8000-00000000000a', channel: 'ops', body: 'hello' };
const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

const refusal = (payload: unknown): { code: string; message: string } => {
  try {
    parseRequest(PostRequest, payload);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('It was accepted');
};

describe('a post from outside', () => {
  it('passes as it is, with all it may carry', () => {
    const whole = { ...valid, data: { a: [1, 'x', null, true] }, replyTo: valid.id, correlationId: 'c' };
    expect(parseRequest(PostRequest, whole)).toEqual(whole);
  });

  it.each([
    ['no object', 'text', 'invalid_payload', /JSON object/],
    ['nothing', undefined, 'invalid_payload', /JSON object/],
    ['a list', [valid], 'invalid_payload', /JSON object/],
    ['a missing field', { id: valid.id, channel: 'ops' }, 'invalid_payload', /"body"/],
    ['a null field', { ...valid, body: null }, 'invalid_payload', /"body"/],
    ['a number for text', { ...valid, body: 5 }, 'invalid_payload', /"body"/],
    ['null data', { ...valid, data: null }, 'invalid_payload', /"data"/],
    ['binary data', { ...valid, data: { a: Buffer.from('x') } }, 'invalid_payload', /"data"/],
    ['an id that is no UUID', { ...valid, id: 'one' }, 'invalid_payload', /"id"/],
    ['an unknown field', { ...valid, colour: 'red' }, 'invalid_payload', /"colour"/],
    ['an object where a name belongs', { ...valid, channel: {} }, 'invalid_payload', /"channel"/],
    ['an impossible name', { ...valid, channel: 'BOT-@#$%^&*()' }, 'invalid_name', /"channel"/],
    ['a path for a name', { ...valid, channel: '../../etc/passwd' }, 'invalid_name', /"channel"/],
    ['an empty body', { ...valid, body: '' }, 'empty_message', /^Message cannot be empty$/],
    ['a blank body', { ...valid, body: ' \t\n\u3000\u00a0' }, 'empty_message', /^Message cannot be empty$/],
  ])('is refused with %s', (_what, payload, code, message) => {
    const error = refusal(payload);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('may have exactly the allowed bytes of body and data together, in UTF-8', () => {
    const euros = '€'.repeat(3_000);
    const data = { x: '' };
    const room = LIMITS.messageBytes - Buffer.byteLength(euros) - JSON.stringify(data).length;
    const full = { ...valid, body: euros, data: { x: 'y'.repeat(room) } };
    expect(parseRequest(PostRequest, full).body).toBe(euros);
    expect(refusal({ ...full, data: { x: 'y'.repeat(room + 1) } }).code).toBe('message_too_large');
  });

  it('may have data nested as deeply as every parser can read, and not one level more', () => {
    expect(parseRequest(PostRequest, { ...valid, data: nested(LIMITS.dataDepth) }).id).toBe(valid.id);
    for (const depth of [LIMITS.dataDepth + 1, 5_000, 500_000])
      expect(refusal({ ...valid, data: nested(depth) })).toMatchObject({
        code: 'invalid_payload',
        message: expect.stringMatching(/"data".* 100 deep$/) as string,
      });
  });

  it('never lets a payload reach an object’s prototype', () => {
    const payload = JSON.parse(
      `{"id":"${valid.id}","channel":"ops","body":"x","__proto__":{"bot":"root"}}`,
    ) as unknown;
    expect(refusal(payload).code).toBe('invalid_payload');
  });

  it('answers anything at all with a code of ours', () => {
    fc.assert(
      fc.property(fc.anything(), (payload) => {
        try {
          parseRequest(PostRequest, payload);
        } catch (error) {
          expect(error).toMatchObject({ name: 'RequestError' });
        }
      }),
    );
  });
});

describe('other requests', () => {
  it('say where to join from', () => {
    for (const from of ['now', 'start', -1, 0, 41])
      expect(parseRequest(JoinRequest, { channel: 'ops', from }).from).toBe(from);
    for (const from of ['later', -2, 1.5, null]) {
      expect(() => parseRequest(JoinRequest, { channel: 'ops', from })).toThrow('Field "from"');
    }
  });

  it('map channels to seqs', () => {
    expect(parseCursorMap({ ops: 3, dev: -1 }, 'It')).toEqual({ ops: 3, dev: -1 });
    for (const wrong of [[], null, 'x', { ops: '3' }, { ops: -2 }, { 'o p s': 1 }]) {
      expect(() => parseCursorMap(wrong, 'It')).toThrow('It');
    }
  });

  it('get defaults in the handshake, and name the field when they are refused', () => {
    expect(parseHandshake({ key: 'k' })).toEqual({
      key: 'k',
      consumer: 'default',
      resume: 'stored',
      backlog: {},
    });
    expect(() => parseHandshake({})).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
    expect(() => parseHandshake({ key: 'k', consumer: 'a.b' })).toThrow(
      expect.objectContaining({ code: 'invalid_name' }),
    );
    expect(() => parseHandshake({ key: 'k', resume: 'later' })).toThrow('"resume"');
    expect(() => parseHandshake({ key: 'k', backlog: { maxAge: 1 } })).toThrow('"maxAge"');
    expect(() => parseHandshake({ key: 'k', colour: 1 })).toThrow('"colour"');
  });
});

import { describe, expect, it } from 'vitest';
import { storedEvent } from '#test/support/stored-event.js';
import { decodeEvent, decodePositioned, isSystemEvent } from './decode-event.js';
import { isBotEvent } from './event-types.js';
import { Upcasters } from './upcasters.js';

const stored = (over: Parameters<typeof storedEvent>[0] = {}) =>
  storedEvent({
    stream: 'bot-ada',
    eventId: 'b5cf3a2e-9d0d-4d55-8a57-3a3bbd9e37ae',
    revision: 3,
    type: 'BotRegistered',
    ticks: BigInt(Date.parse('2026-11-23T10:00:00Z')) * 10_000n + 9_999n,
    data: '{"bot":"ada"}',
    metadata:
      '{"actor":{"kind":"admin","keyId":"k"},"schema":1,"node":"n","$correlationId":"x","$causationId":"y"}',
    ...over,
  });

const rename: Upcasters = new Upcasters()
  .register('BotRegistered', 1, (data) => ({ name: (data as { bot: string }).bot }))
  .register('BotRegistered', 2, (data) => ({ ...(data as object), kind: 'plain' }));

describe('decoding an event', () => {
  it('keeps what was stored and says where it lies', () => {
    expect(decodeEvent(stored())).toEqual({
      stream: 'bot-ada',
      revision: 3,
      eventId: 'b5cf3a2e-9d0d-4d55-8a57-3a3bbd9e37ae',
      type: 'BotRegistered',
      at: new Date('2026-11-23T10:00:00Z'),
      data: { bot: 'ada' },
      metadata: {
        actor: { kind: 'admin', keyId: 'k' },
        schema: 1,
        node: 'n',
        $correlationId: 'x',
        $causationId: 'y',
      },
    });
  });

  it('lifts old versions step by step to the newest, and says so in the metadata', () => {
    expect(decodeEvent(stored(), rename)).toMatchObject({
      data: { name: 'ada', kind: 'plain' },
      metadata: { schema: 3 },
    });
    const second = stored({ data: '{"name":"ada"}', metadata: '{"schema":2}' });
    expect(decodeEvent(second, rename)).toMatchObject({ data: { name: 'ada', kind: 'plain' } });
  });

  it('leaves versions newer than it knows as they are', () => {
    const newer = stored({ data: '{"future":true}', metadata: '{"schema":9}' });
    expect(decodeEvent(newer, rename)).toMatchObject({ data: { future: true }, metadata: { schema: 9 } });
  });

  it('refuses a second way to lift the same version', () => {
    expect(() => rename.register('BotRegistered', 1, (data) => data)).toThrow('two ways from schema 1 to 2');
  });

  it('brings unknown types, foreign metadata, binary data and what is no JSON through', () => {
    const foreign = stored({ type: 'Other', metadata: '', data: '\u0001\u0002', isJson: false });
    expect(decodeEvent(foreign)).toMatchObject({
      type: 'Other',
      data: 'AQI=',
      metadata: { schema: 1, actor: { kind: 'system' } },
    });
    expect(isBotEvent(decodeEvent(foreign))).toBe(false);
    expect(isBotEvent(decodeEvent(stored()))).toBe(true);
    const broken = stored({ data: '{"half', metadata: '[1' });
    expect(decodeEvent(broken)).toMatchObject({ data: '{"half', metadata: { schema: 1 } });
  });

  it('knows where an event lies in the log', () => {
    const position = { commit: 77n, prepare: 76n };
    expect(decodePositioned(stored({ position }))).toEqual({ ...decodeEvent(stored()), position });
  });

  it('knows the events of the store itself', () => {
    expect(isSystemEvent(stored())).toBe(false);
    expect(isSystemEvent(stored({ type: '$metadata' }))).toBe(true);
    expect(isSystemEvent(stored({ stream: '$$bot-ada' }))).toBe(true);
  });
});

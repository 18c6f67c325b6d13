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
  it('keeps what was stored and gives its position', () => {
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
    expect(decodeEvent(stored(), { upcasters: rename })).toMatchObject({
      data: { name: 'ada', kind: 'plain' },
      metadata: { schema: 3 },
    });
    const second = stored({ data: '{"name":"ada"}', metadata: '{"schema":2}' });
    expect(decodeEvent(second, { upcasters: rename })).toMatchObject({
      data: { name: 'ada', kind: 'plain' },
    });
  });

  it('leaves versions newer than it knows as they are', () => {
    const newer = stored({ data: '{"future":true}', metadata: '{"schema":9}' });
    expect(decodeEvent(newer, { upcasters: rename })).toMatchObject({
      data: { future: true },
      metadata: { schema: 9 },
    });
  });

  it('refuses a second way to lift the same version', () => {
    expect(() => rename.register('BotRegistered', 1, (data) => data)).toThrow(
      'two upcasters from schema 1 to 2',
    );
  });

  it('lets unknown types, foreign metadata, binary data and text that is not JSON through', () => {
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
    expect(isSystemEvent(stored(), 'bot-ada')).toBe(false);
    expect(isSystemEvent(stored({ type: '$metadata' }), 'other')).toBe(true);
    expect(isSystemEvent(stored(), '$$bot-ada')).toBe(true);
  });
});

const why = (over: Parameters<typeof stored>[0]): string | undefined => decodeEvent(stored(over)).unreadable;

describe('an event that does not fit its type', () => {
  it('says why', () => {
    expect(why({})).toBeUndefined();
    expect(why({ metadata: '' })).toBeUndefined();
    expect(why({ isJson: false, data: '{"bot":"ada"}' })).toBe('its data is not declared as JSON');
    expect(why({ data: '{"half' })).toBe('its data is not JSON');
    expect(why({ data: '' })).toBe('its data is not JSON');
    expect(why({ data: `{"bot":"ada","x":"${'x'.repeat(300_000)}"}` })).toBe(
      'its data has more than 262144 bytes',
    );
    expect(why({ metadata: '[1]' })).toBe('its metadata are not a JSON object');
    expect(why({ metadata: 'null' })).toBe('its metadata are not a JSON object');
    expect(why({ metadata: '{"schema":"1"}' })).toBe('its schema version is not a positive whole number');
    expect(why({ metadata: '{"schema":0}' })).toBe('its schema version is not a positive whole number');
    expect(why({ metadata: '{"schema":2}' })).toBe(
      'its schema version is newer than 1, the newest known here',
    );
    expect(why({ data: '{"bot":"eve"}' })).toBe('field "bot" names another than its stream');
    expect(why({ type: '$metadata' })).toBe('its type is none that a "bot-" stream holds');
    expect(why({ stream: 'other', data: '{"half' })).toBeUndefined();
    const bytes = { ...stored(), data: Buffer.from('7b22626f74223a22fffe227d', 'hex') };
    expect(decodeEvent(bytes).unreadable).toBe('its data is not UTF-8');
  });

  it('is judged by the version it is lifted to, and may be impossible to lift', () => {
    expect(
      decodeEvent(stored({ metadata: '{"schema":3}' }), { upcasters: rename }).unreadable,
    ).toBeUndefined();
    const failing = new Upcasters().register('BotRegistered', 1, () => {
      throw new Error('never seen');
    });
    expect(decodeEvent(stored(), { upcasters: failing }).unreadable).toContain('could not be converted');
  });

  it('is judged by the name its stream has for those who read it', () => {
    expect(decodeEvent(stored({ stream: 'a.bot-ada', data: '{}' }), { stream: 'bot-ada' })).toMatchObject({
      stream: 'a.bot-ada',
      unreadable: 'field "bot" is missing',
    });
  });

  it('does not belong to the store, whatever its type is called, except at the end of a deleted stream', () => {
    expect(isSystemEvent(stored({ type: '$metadata' }), 'bot-ada')).toBe(false);
    expect(isSystemEvent(stored({ type: '$streamDeleted' }), 'bot-ada')).toBe(false);
    expect(isSystemEvent(stored({ type: '$streamDeleted', revision: 2 ** 63 }), 'bot-ada')).toBe(true);
  });
});

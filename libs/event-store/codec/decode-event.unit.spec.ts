import { describe, expect, it } from 'vitest';
import { decodeEvent, decodePositioned, isSystemEvent } from './decode-event.js';
import { isBotEvent } from './event-types.js';
import { Upcasters } from './upcasters.js';
import type { ResolvedEvent } from '@eventstore/db-client';

const stored = (over: object = {}): ResolvedEvent => ({
  event: {
    streamId: 'bot-ada',
    id: 'b5cf3a2e-9d0d-4d55-8a57-3a3bbd9e37ae',
    revision: 3n,
    type: 'BotRegistered',
    isJson: true,
    created: new Date('2026-11-23T10:00:00Z'),
    data: { bot: 'ada' },
    metadata: {
      actor: { kind: 'admin', keyId: 'k' },
      schema: 1,
      node: 'n',
      $correlationId: 'x',
      $causationId: 'y',
    },
    ...over,
  },
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
    const second = stored({ data: { name: 'ada' }, metadata: { schema: 2 } });
    expect(decodeEvent(second, rename)).toMatchObject({ data: { name: 'ada', kind: 'plain' } });
  });

  it('leaves versions newer than it knows as they are', () => {
    const newer = stored({ data: { future: true }, metadata: { schema: 9 } });
    expect(decodeEvent(newer, rename)).toMatchObject({ data: { future: true }, metadata: { schema: 9 } });
  });

  it('refuses a second way to lift the same version', () => {
    expect(() => rename.register('BotRegistered', 1, (data) => data)).toThrow('two ways from schema 1 to 2');
  });

  it('brings unknown types, foreign metadata and binary data through', () => {
    const foreign = stored({
      type: 'Other',
      metadata: undefined,
      data: new Uint8Array([1, 2]),
      isJson: false,
    });
    const event = decodeEvent(foreign)!;
    expect(event).toMatchObject({
      type: 'Other',
      data: 'AQI=',
      metadata: { schema: 1, actor: { kind: 'system' } },
    });
    expect(isBotEvent(event)).toBe(false);
    expect(isBotEvent(decodeEvent(stored())!)).toBe(true);
  });

  it('takes the commit position for both on servers that name only that one', () => {
    const event = decodePositioned({ ...stored(), commitPosition: 77n } as Parameters<
      typeof decodePositioned
    >[0]);
    expect(event?.position).toEqual({ commit: 77n, prepare: 77n });
  });

  it('knows the events of the store itself', () => {
    expect(isSystemEvent(stored())).toBe(false);
    expect(isSystemEvent(stored({ type: '$metadata' }))).toBe(true);
    expect(isSystemEvent(stored({ streamId: '$$bot-ada' }))).toBe(true);
    expect(isSystemEvent({})).toBe(true);
  });
});

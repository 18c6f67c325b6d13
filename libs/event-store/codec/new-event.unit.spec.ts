import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storedEvent } from '#test/support/stored-event.js';
import { decodeEvent } from './decode-event.js';
import { newEvent } from './new-event.js';
import { Upcasters } from './upcasters.js';

const ROOT = join(import.meta.dirname, '../../..');

/** Whether a source sets the cause of an event. Taking it out of metadata, `{ $causationId: cause } = …`, is reading. */
const isMaker = (source: string): boolean =>
  source.replaceAll(/^.*\$causationId: \w+ \} = .*$/gm, '').includes('$causationId:');

describe('a new event', () => {
  it('is the system’s own act and causes itself, unless something else is said', () => {
    const event = newEvent({ type: 'GatewaySeen', data: { gateway: 'g' } }, { node: 'n' });
    expect(event).toEqual({
      eventId: expect.any(String),
      type: 'GatewaySeen',
      data: { gateway: 'g' },
      metadata: {
        actor: { kind: 'system' },
        $correlationId: event.eventId,
        $causationId: event.eventId,
        schema: 1,
        node: 'n',
      },
    });
    const given = { actor: { kind: 'bot', name: 'ada' }, eventId: 'e', correlationId: 'c' } as const;
    expect(newEvent({ type: 'CursorAdvanced', data: {} }, { ...given, node: 'n' }).metadata).toMatchObject({
      actor: given.actor,
      $correlationId: 'c',
      $causationId: 'c',
    });
  });

  it('has the newest version of its type, beside events that were written in an older one', () => {
    // The second version calls the bot `name`, as no real event of ours does.
    const two = new Upcasters().register('BotRegistered', 1, (data) => ({
      name: (data as { bot: string }).bot,
    }));
    const fresh = newEvent({ type: 'BotRegistered', data: { name: 'ada' } }, { node: 'n' }, two);
    expect(fresh.metadata.schema).toBe(2);
    expect(newEvent({ type: 'KeyIssued', data: {} }, { node: 'n' }, two).metadata.schema).toBe(1);
    const read = (data: unknown, metadata: unknown) =>
      decodeEvent(
        storedEvent({
          stream: 'audit-x',
          type: 'BotRegistered',
          data: JSON.stringify(data),
          metadata: JSON.stringify(metadata),
        }),
        { upcasters: two },
      );
    const [old, now] = [read({ bot: 'ada' }, { schema: 1 }), read(fresh.data, fresh.metadata)];
    for (const event of [old, now])
      expect(event).toMatchObject({ data: { name: 'ada' }, metadata: { schema: 2 } });
  });

  it('is made in no other place', () => {
    const files = ['apps', 'libs'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/${file}`,
      ),
    );
    const makers = files.filter(
      (file) => /(?<!\.spec)\.ts$/.test(file) && isMaker(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(makers.toSorted()).toEqual([
      'libs/domain/event.ts',
      'libs/event-store/codec/decode-event.ts',
      'libs/event-store/codec/new-event.ts',
    ]);
  });
});

import { expect, it } from 'vitest';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import { ActTrail } from './act-trail.js';

const act = { act: 'projection.pause', subject: 'messages', keyId: 'abcd2345' };

it('an act is recorded under the key of the admin who is about to carry it out', async () => {
  const appended: [string, readonly NewEvent[]][] = [];
  const append = async (stream: string, events: readonly NewEvent[]) => {
    appended.push([stream, events]);
    return { revision: 0, position: { commit: 0n, prepare: 0n } };
  };
  await new ActTrail({ append }, 'node-1').record(act);
  expect(appended).toHaveLength(1);
  const [stream, events] = appended[0]!;
  expect(stream).toBe('audit-acts');
  expect(events).toMatchObject([
    {
      type: 'AdminActed',
      data: act,
      metadata: { actor: { kind: 'admin', keyId: 'abcd2345' }, node: 'node-1' },
    },
  ]);
});

it('an act that can’t be recorded is refused', async () => {
  const away = { append: () => Promise.reject(new StoreUnavailable('away')) };
  await expect(new ActTrail(away, 'node-1').record(act)).rejects.toThrow(StoreUnavailable);
});

import { describe, expect, it } from 'vitest';
import type { Message } from '#libs/protocol/message.js';
import { MessageRing } from './message-ring.js';
import { isMessage } from './place.js';
import { Redactions } from './redactions.js';

const message = (seq: number, over: Partial<Message> = {}): Message => ({
  id: `id-${seq}`,
  channel: 'ops',
  seq,
  kind: 'posted',
  bot: 'alice',
  body: 'secret',
  data: { secret: true },
  replyTo: 'id-0',
  correlationId: 'c',
  at: '2026-01-01T00:00:00.000Z',
  ...over,
});

describe('redactions', () => {
  it('take the content of the message and of its edits, and leave their place', () => {
    const redactions = new Redactions();
    expect(redactions.addRedaction('ops', 'alice', 'ID-1')).toBe(true);
    expect(redactions.addRedaction('ops', 'alice', 'id-1')).toBe(false);
    const { id, channel, seq, kind, bot, at } = message(1);
    expect(redactions.conceal(message(1))).toEqual({
      id,
      channel,
      seq,
      kind,
      bot,
      at,
      body: '',
      redacted: true,
    });
    const edit = message(2, { kind: 'edited', target: 'id-1' });
    expect(redactions.conceal(edit)).toMatchObject({ seq: 2, target: 'id-1', body: '', redacted: true });
    expect(redactions.conceal(edit)).not.toHaveProperty('data');
  });

  it('leave everything else alone', () => {
    const redactions = new Redactions();
    redactions.addRedaction('ops', 'alice', 'id-1');
    const others = [
      message(2),
      message(1, { bot: 'bob' }),
      message(1, { channel: 'dev' }),
      message(3, { kind: 'redacted', target: 'id-1', body: 'why' }),
    ];
    for (const other of others) expect(redactions.conceal(other)).toBe(other);
  });

  it('reach messages that lie in a ring', () => {
    const redactions = new Redactions();
    const ring = new MessageRing(-1, { messages: 10, weight: 10_000 });
    for (const seq of [0, 1, 2]) ring.push(message(seq));
    redactions.addRedaction('ops', 'alice', 'id-1');
    ring.rewrite((one) => redactions.conceal(one));
    const bodies = ring.after(-1, { messages: 10, weight: 10_000 })!.map((one) => isMessage(one) && one.body);
    expect(bodies).toEqual(['secret', '', 'secret']);
    expect(ring.get(1)).toMatchObject({ seq: 1, redacted: true });
  });
});

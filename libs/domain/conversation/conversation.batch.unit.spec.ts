import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBatch } from './conversation.batch.js';
import { decideConversation } from './conversation.decider.js';
import type { ConversationCommand, Known, Target } from './conversation.decider.js';
import { Rejection } from '../rejection.js';

const shared = { channel: 'ops', bot: 'alice' } as const;
const kind = fc.constantFrom('PostMessage', 'EditMessage', 'RedactMessage');

/**
 * Generates commands with ids in order. Each may name any message of the batch, one of the log, or one that
 * does not exist.
 */
const batch = fc.array(fc.tuple(kind, fc.integer({ min: -3, max: 8 })), { maxLength: 8 }).map((wanted) =>
  wanted.map(([type, named], index): ConversationCommand => {
    const request = { ...shared, id: `id-${index}` };
    if (type === 'PostMessage') return { type, ...request, body: 'hello' };
    const target = named % 2 === 0 ? `id-${named}` : `ID-${named}`;
    return type === 'EditMessage' ? { type, ...request, target, body: 'anew' } : { type, ...request, target };
  }),
);
const inLog: Readonly<Record<string, Target>> = {
  'id--1': { bot: 'alice', type: 'MessagePosted', redacted: false },
  'id--2': { bot: 'bob', type: 'MessagePosted', redacted: false },
};
const knownOf = (command: ConversationCommand): Known =>
  command.type === 'PostMessage' ? {} : { target: inLog[command.target.toLowerCase()] };

describe('a batch of commands', () => {
  it('is decided as if each command had come by itself', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const state = new Map<string, Target>(Object.entries(inLog));
        const oneByOne = commands.map((command) => {
          try {
            const target =
              command.type === 'PostMessage' ? undefined : state.get(command.target.toLowerCase());
            const [event] = decideConversation(command, { target });
            state.set(command.id, { bot: command.bot, type: event!.type, redacted: false });
            if (command.type === 'RedactMessage')
              state.set(command.target.toLowerCase(), { ...target!, redacted: true });
            return [event];
          } catch (error) {
            return (error as Rejection).code;
          }
        });
        const together = decideBatch(commands, commands.map(knownOf));
        expect(together.map((one) => (one instanceof Rejection ? one.code : one))).toEqual(oneByOne);
      }),
    );
  });

  it('refuses a command when the log can’t be read, unless the batch itself has the answer', () => {
    const away = new Error('away');
    const post = { type: 'PostMessage', ...shared, id: 'a', body: 'hello' } as const;
    const edit = { type: 'EditMessage', ...shared, id: 'b', target: 'a', body: 'anew' } as const;
    expect(decideBatch([edit], [away])).toEqual([away]);
    expect(decideBatch([post, edit], [{}, away])).toMatchObject([
      [{ type: 'MessagePosted' }],
      [{ type: 'MessageEdited' }],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { storedEvent } from '#test/support/stored-event.js';
import { matching, storeFilter } from './event-filter.js';

describe('an event is wanted', () => {
  const posted = storedEvent();
  it.each([
    ['without conditions', {}, true],
    ['by its stream', { stream: 'messages-general' }, true],
    ['by the beginning of its stream', { stream: 'messages-gen' }, false],
    ['by its type', { type: 'MessagePosted' }, true],
    ['by another type', { type: 'MessagePost' }, false],
    ['by its channel', { channel: 'general' }, true],
    ['by another channel', { channel: 'genera' }, false],
    ['by who acted', { bot: 'alice' }, true],
    ['by the name of another bot', { bot: 'hi' }, false],
    ['by two conditions of which one fails', { bot: 'alice', channel: 'other' }, false],
  ])('%s', (_, filter, wanted) => {
    expect(matching(filter)(posted)).toBe(wanted);
  });

  it.each([
    ['the bot’s own stream', { stream: 'bot-alice' }, true],
    ['its presence', { stream: 'presence-alice' }, true],
    ['its cursors', { stream: 'cursor-alice.default' }, true],
    ['the stream of a bot whose name only begins like it', { stream: 'bot-alice2' }, false],
    ['a channel it joined', { stream: 'channel-x', data: '{"bot":"alice"}' }, true],
    ['what an admin did that only mentions it', { stream: 'channel-x', data: '{"note":"alice"}' }, false],
    ['bytes that are no JSON', { stream: 'x', data: '"alice"' }, false],
  ])('%s, for a bot', (_, given, wanted) => {
    expect(matching({ bot: 'alice' })(storedEvent({ data: '{}', metadata: '{}', ...given }))).toBe(wanted);
  });

  it('that is the store’s own only when it is named', () => {
    const metadata = storedEvent({ stream: '$$cursor-alice.default', type: '$metadata' });
    expect(matching({})(metadata)).toBe(false);
    expect(matching({ stream: '$$cursor-alice.default' })(metadata)).toBe(true);
    expect(matching({ type: '$metadata' })(metadata)).toBe(true);
  });
});

describe('the store looks for', () => {
  it.each([
    ['nothing', { bot: 'alice' }, undefined],
    ['the stream', { stream: 's', type: 't' }, { streams: ['s'] }],
    ['a channel’s streams', { channel: 'c', type: 't' }, { streams: ['messages-c', 'channel-c'] }],
    ['the type', { type: 't' }, { types: ['t'] }],
  ])('%s by itself', (_, filter, expected) => {
    expect(storeFilter(filter)).toEqual(expected);
  });
});

import { expect, it } from 'vitest';
import { InvalidFilter, eventFilter, isShownInAll } from './event-filter.js';

const event = { stream: 'messages-general', type: 'MessagePosted' };

it.each([
  [{ on: 'stream', regex: '', prefixes: ['bot-', 'messages-'] }, true],
  [{ on: 'stream', regex: '', prefixes: ['Message'] }, false],
  [{ on: 'type', regex: '', prefixes: ['Message'] }, true],
  [{ on: 'type', regex: '', prefixes: [] }, false],
  [{ on: 'stream', regex: 'gen', prefixes: [] }, true],
  [{ on: 'type', regex: '^Posted', prefixes: [] }, false],
  [{ on: 'type', regex: '^[^$].*', prefixes: [] }, true],
  [{ on: 'type', regex: 'Posted$', prefixes: ['Nothing'] }, true],
] as const)('%j lets a posted message through: %s', (spec, passes) => {
  expect(eventFilter(spec)(event)).toBe(passes);
});

it('An invalid expression is refused', () => {
  expect(() => eventFilter({ on: 'type', regex: '(', prefixes: [] })).toThrow(InvalidFilter);
});

it.each([
  ['messages-general', true],
  ['$$messages-general', true],
  ['$settings', true],
  ['$epoch-information', false],
  ['$persistentsubscription-$all::readers-checkpoint', false],
  ['$persistentsubscription-$all::readers-parked', false],
  ['$persistentsubscription-messages-general::readers-checkpoint', true],
] as const)('Readers of $all see events of %s: %s', (stream, shown) => {
  expect(isShownInAll({ stream, type: 'T' })).toBe(shown);
});

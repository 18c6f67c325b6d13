import fc from 'fast-check';
import { v5 as uuidv5 } from 'uuid';
import { expect, it } from 'vitest';
import { messageEventId } from './message-event-id.js';

it('The id of a message’s event is the UUIDv5 of its id in the namespace of its bot, in any case', () => {
  const id = fc.oneof(
    fc.uuid(),
    fc.uuid().map((text) => text.toUpperCase()),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom('ada', 'bob'), id, (bot, text) => {
      const namespace = uuidv5(bot, '3f2d1c0a-6f0b-5b5e-9d39-7a1c2e4b8d60');
      expect(messageEventId(bot, text)).toBe(uuidv5(text.toLowerCase(), namespace));
    }),
  );
  expect(messageEventId('ada', '0198c0de-0000-7000-8000-00000000000a')).toBe(
    '95bf52f2-2102-51ec-80c2-6adcabba88ea',
  );
});

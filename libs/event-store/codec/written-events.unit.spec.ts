import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { storedEvent } from '#test/support/stored-event.js';
import type { NewEvent } from '../recorded-event.js';
import { decodeEvent } from './decode-event.js';
import { encodeEvent } from './encoded-event.js';
import { newEvent } from './new-event.js';
import { WrittenEvents } from './written-events.js';

const posted = (body: string, data?: unknown): NewEvent => {
  const message = { id: randomUUID(), channel: 'ops', bot: 'ada', body, ...(data !== undefined && { data }) };
  return newEvent({ type: 'MessagePosted', data: message }, { node: 'n', correlationId: 'c' });
};

/** Values as they come over the wire: JSON has no negative zero that comes back. */
const dataValues = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)));

/** Returns the event as it comes back from the log. */
const returned = (event: NewEvent, over: Parameters<typeof storedEvent>[0] = {}) => {
  const { data, metadata } = encodeEvent(event);
  const { eventId, type } = event;
  const bytes = { data: data.toString(), metadata: metadata.toString() };
  return storedEvent({ stream: 'messages-ops', eventId, type, ...bytes, ...over });
};

const noted = (event: NewEvent): WrittenEvents => {
  const written = new WrittenEvents();
  written.noteEvents([event]);
  return written;
};

describe('events that were written here', () => {
  it('are decoded to the same as any other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), dataValues, (body, data) => {
        const event = posted(body, data);
        const stored = returned(event);
        expect(decodeEvent(stored, { written: noted(event) })).toEqual(decodeEvent(stored));
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('are not parsed again', () => {
    const event = posted('hello');
    expect(decodeEvent(returned(event), { written: noted(event) }).data).toBe(event.data);
  });

  it('are judged by their shape all the same', () => {
    const event = newEvent({ type: 'MessagePosted', data: { nothing: true } }, { node: 'n' });
    const { unreadable } = decodeEvent(returned(event), { written: noted(event) });
    expect(unreadable).toBe(decodeEvent(returned(event)).unreadable);
    expect(unreadable).toBeDefined();
  });

  it.each([
    ['other data', { data: '{"id":"other"}' }],
    ['other metadata', { metadata: '{"schema":1}' }],
    ['bytes that are not declared as JSON', { isJson: false }],
    ['bytes that are damaged on disk', { damaged: 'its sum is wrong' }],
  ])('are parsed if the log holds %s under their id', (_, over) => {
    const event = posted('hello');
    const stored = { ...returned(event, over), ...over };
    const bytes = {
      ...stored,
      data: Buffer.from(stored.data),
      metadata: Buffer.from(stored.metadata),
    };
    expect(decodeEvent(bytes, { written: noted(event) })).toEqual(decodeEvent(bytes));
    expect(noted(event).takeEvent(bytes)).toBeUndefined();
  });

  it('are forgotten once they are back, and when too many never come', () => {
    const events = Array.from({ length: 8_193 }, () => posted('x'));
    const written = new WrittenEvents();
    written.noteEvents(events);
    expect(written.takeEvent(returned(events[0]!))).toBeUndefined();
    expect(written.takeEvent(returned(events[1]!))).toBe(events[1]);
    expect(written.takeEvent(returned(events[1]!))).toBeUndefined();
  });
});

import type { DomainEvent } from '#libs/domain/event.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { BadEvent } from './projection.errors.js';

/** An event of known types, with where and when it happened. */
export type Typed<Event extends DomainEvent<string, unknown>> = Event &
  Pick<PositionedEvent, 'at' | 'position' | 'revision'>;

/** Returns the events of the given types, in order. @throws BadEvent when the data of one is not an object */
export const ofType = <Event extends DomainEvent<string, unknown>>(
  events: readonly PositionedEvent[],
  ...types: readonly Event['type'][]
): Typed<Event>[] =>
  events
    .filter(({ type }) => types.includes(type))
    .map((event) => {
      if (typeof event.data !== 'object' || event.data === null)
        throw new BadEvent('its data is not an object');
      return event as unknown as Typed<Event>;
    });

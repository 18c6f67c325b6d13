import { timeText } from '../formats/ticks.js';
import { formatPosition } from '#libs/event-store/position.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';

/** Says which event is meant, without its contents. */
export type EventRef = Readonly<{
  position: string;
  stream: string;
  revision: number;
  type: string;
  id: string;
  time: string;
}>;

export const refOf = ({ position, stream, revision, type, eventId, ticks }: StoredEvent): EventRef => ({
  position: formatPosition(position),
  stream,
  revision,
  type,
  id: eventId,
  time: timeText(ticks),
});

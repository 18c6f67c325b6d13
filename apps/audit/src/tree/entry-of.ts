import { encodeEntry, encodeLostEntry } from '#libs/audit-log/entry/event-entry.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import type { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';

/**
 * Returns the entry of an event of the log. An event whose bytes are lost has one once an admin has set it aside, so
 * that the log can go on; what was decided about an event with its bytes does not matter.
 *
 * @throws Error when the event is damaged and nobody has decided about it
 */
export const entryOf = (event: StoredEvent, setAside: Pick<SetAsideEvents, 'has'>): Buffer => {
  const { stream, revision, damaged } = event;
  if (damaged === undefined) return encodeEntry(event);
  if (setAside.has(stream, revision)) return encodeLostEntry(event);
  throw new Error(`Event ${revision} of ${stream} is damaged and not set aside: ${damaged}`);
};

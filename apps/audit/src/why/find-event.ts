import { RequestError } from '#libs/protocol/errors.js';
import { isMessageId } from '#libs/protocol/validation/rules.js';
import type { EventFinder, FoundEvent } from '../event-index/event-finder.js';
import { termOf } from '../event-index/event-terms.js';

/** Other programs may have written the same id again; more than these are not named. */
const SAME_ID = 10;

/**
 * Returns the event with an id. A message's id, which its bot chose, does as well if one bot alone used it.
 *
 * @throws RequestError `invalid_payload` for what is no id, `unknown_event`, `event_index_unavailable`
 * @throws StoreUnavailable | StoreFault
 */
export const findEvent = async (
  finder: Pick<EventFinder, 'findEvents'>,
  id: string,
): Promise<{ found: FoundEvent; sameId: readonly FoundEvent[] }> => {
  if (!isMessageId(id)) throw new RequestError('invalid_payload', 'Field "id" must be a UUID');
  const byId = await finder.findEvents(termOf('event', id), SAME_ID);
  const [found, ...sameId] = byId.events;
  if (found) return { found, sameId };
  const byMessage = await finder.findEvents(termOf('message', id), SAME_ID);
  const [message, other] = byMessage.events;
  if (other)
    throw new RequestError(
      'invalid_payload',
      `Several bots gave a message this id; name one of the events ${byMessage.events.map(({ event }) => event.eventId).join(', ')}`,
    );
  if (message) return { found: message, sameId: [] };
  const wasThere = byId.gone + byMessage.gone > 0;
  throw new RequestError(
    'unknown_event',
    wasThere ? 'The event with this id is no longer in the log' : 'No event in the log has this id',
  );
};

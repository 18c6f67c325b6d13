import { isName } from '#libs/domain/name.js';
import { RequestError } from '#libs/protocol/errors.js';
import { LIMITS } from '#libs/protocol/limits.js';
import { parseQuery } from '#libs/protocol/validation/parse-query.js';
import { IsCount, IsShortText, Optional, isMessageId } from '#libs/protocol/validation/rules.js';

const DEFAULT_LIMIT = 50;
const MESSAGE_CHARACTERS = 128;

/** `GET /v1/audit/deliveries` */
class DeliveriesQuery {
  @IsShortText(MESSAGE_CHARACTERS)
  message!: string;

  @Optional()
  @IsShortText(MESSAGE_CHARACTERS)
  cursor?: string;

  @Optional()
  @IsCount(LIMITS.listItems)
  limit?: number;
}

/** Which message is meant, and which of the bots to which it was due: those after `after`, in the order of names. */
export type DeliveriesRequest = Readonly<{
  bot: string;
  id: string;
  after: string | undefined;
  limit: number;
}>;

/** @throws RequestError `invalid_payload` */
export const readDeliveriesRequest = (query: Readonly<Record<string, unknown>>): DeliveriesRequest => {
  const { message, cursor, limit = DEFAULT_LIMIT } = parseQuery(DeliveriesQuery, query, ['limit']);
  const [bot, id, ...more] = message.split('/');
  if (!isName(bot) || !isMessageId(id) || more.length > 0)
    throw new RequestError('invalid_payload', 'Field "message" must be <bot>/<id of the message>');
  if (cursor !== undefined && !isName(cursor))
    throw new RequestError(
      'invalid_payload',
      'Field "cursor" must be the "next" of an earlier answer to this list',
    );
  return { bot, id, after: cursor, limit };
};

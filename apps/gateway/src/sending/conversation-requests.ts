import type {
  ConversationCommand,
  EditMessage,
  PostMessage,
  RedactMessage,
} from '#libs/domain/conversation/conversation.decider.js';
import type { Via } from '#libs/domain/event.js';
import type { RequestError } from '#libs/protocol/errors.js';
import { EditRequest, RedactRequest } from '#libs/protocol/requests/change.requests.js';
import { PostRequest } from '#libs/protocol/requests/post.request.js';
import { checkRequest } from '#libs/protocol/validation/parse-request.js';
import type { Checked } from '#libs/protocol/validation/parse-request.js';
import { isMessageId } from '#libs/protocol/validation/rules.js';

/**
 * A bot's request to a channel as a command. `refusal` is set if the request breaks a rule that may not have applied
 * earlier, so that it may have been accepted then.
 */
export type Asked<Command extends ConversationCommand = ConversationCommand> = Readonly<{
  command: Command;
  refusal?: RequestError;
}>;

/**
 * Reads a `post` request.
 *
 * @throws RequestError for a request that cannot have been accepted under any rule
 */
export const readPost = (bot: string, payload: unknown, via?: Via): Asked<PostMessage> => {
  const { request, refusal } = named(checkRequest(PostRequest, payload));
  const { id, channel, body, data, replyTo, correlationId } = request;
  const command = {
    type: 'PostMessage',
    id,
    channel,
    bot,
    body,
    ...(data === undefined ? {} : { data }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(via && { via }),
  } as const;
  return asked(command, refusal);
};

/**
 * Reads an `edit` request.
 *
 * @throws RequestError for a request that cannot have been accepted under any rule
 */
export const readEdit = (bot: string, payload: unknown, via?: Via): Asked<EditMessage> => {
  const { request, refusal } = named(checkRequest(EditRequest, payload));
  const { id, channel, target, body, data } = request;
  const edit = { type: 'EditMessage', id, channel, bot, target, body, ...(via && { via }) } as const;
  return asked(data === undefined ? edit : { ...edit, data }, refusal);
};

/**
 * Reads a `redact` request.
 *
 * @throws RequestError for a request that cannot have been accepted under any rule
 */
export const readRedaction = (bot: string, payload: unknown, via?: Via): Asked<RedactMessage> => {
  const { request, refusal } = named(checkRequest(RedactRequest, payload));
  const { id, channel, target, reason } = request;
  const redaction = { type: 'RedactMessage', id, channel, bot, target, ...(via && { via }) } as const;
  return asked(reason === undefined ? redaction : { ...redaction, reason }, refusal);
};

/**
 * Throws the refusal of a request without a valid id or without a channel, because no such message can be in the log.
 */
const named = <T extends Readonly<{ id: unknown; channel: unknown }>>(checked: Checked<T>): Checked<T> => {
  const { request, refusal } = checked;
  if (refusal && !(isMessageId(request.id) && typeof request.channel === 'string')) throw refusal;
  return checked;
};

const asked = <Command extends ConversationCommand>(
  command: Command,
  refusal: RequestError | undefined,
): Asked<Command> => (refusal ? { command, refusal } : { command });

import { ValidateBy, ValidateIf } from 'class-validator';
import { NAME_PATTERN, isName } from '#libs/domain/name.js';
import type { Json } from '#libs/domain/json.js';
import { LIMITS } from '../limits.js';
import type { RuleContext } from './parse-request.js';

const rule = (
  name: string,
  check: (value: unknown, host: object) => boolean,
  message: string,
  context?: RuleContext,
) =>
  ValidateBy(
    {
      name,
      validator: {
        validate: (value, args) => check(value, args?.object ?? {}),
        defaultMessage: (args) => message.replace('$field', args?.property ?? 'value'),
      },
    },
    context === undefined ? {} : { context },
  );

/** Later rules use this to stay silent where the type is already wrong. */
const text = (value: unknown): value is string => typeof value === 'string';

/** Allows the field to be left out, but not to be null. */
export const Optional = (): PropertyDecorator => ValidateIf((_host, value) => value !== undefined);

export const IsText = (): PropertyDecorator => rule('isText', text, 'Field "$field" must be a string');

/** Requires a bot's or channel's name. A value that is not a string is `invalid_payload`. */
export const IsName = (): PropertyDecorator => (target, property) => {
  IsText()(target, property);
  rule(
    'isName',
    (value) => !text(value) || isName(value),
    `Field "$field" must match ${NAME_PATTERN.source}`,
    { code: 'invalid_name' },
  )(target, property);
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * Returns whether a value is a UUID of any version in the text form of RFC 9562. Upper and lower case spell
 * the same UUID.
 */
export const isMessageId = (value: unknown): value is string => text(value) && UUID.test(value);

export const IsMessageId = (): PropertyDecorator =>
  rule('isMessageId', isMessageId, 'Field "$field" must be a UUID');

export const IsShortText = (max: number): PropertyDecorator =>
  rule(
    'isShortText',
    (value) => text(value) && value.length > 0 && value.length <= max,
    `Field "$field" must be a string of 1 to ${max} characters`,
  );

export const IsSeq = (min = -1): PropertyDecorator =>
  rule(
    'isSeq',
    (value) => Number.isSafeInteger(value) && (value as number) >= min,
    `Field "$field" must be a whole number of at least ${min}`,
  );

export const IsCount = (max: number): PropertyDecorator =>
  rule(
    'isCount',
    (value) => Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max,
    `Field "$field" must be a whole number from 1 to ${max}`,
  );

/**
 * Requires any JSON value but null, nested so that every parser can read it. Socket.IO can also carry binary
 * data, which is refused because JSON cannot hold it.
 */
export const IsJson = (): PropertyDecorator =>
  rule(
    'isJson',
    (value) => value !== null && isJson(value),
    `Field "$field" must be a JSON value other than null, nested at most ${LIMITS.dataDepth} deep`,
  );

/** Requires visible content. White space alone, including Unicode's, counts as empty. */
export const IsNotBlank = (): PropertyDecorator =>
  rule('isNotBlank', (value) => !text(value) || value.trim() !== '', 'Message cannot be empty', {
    code: 'empty_message',
  });

/**
 * Limits the size of `body` and `data` of one request together. The body counts as its UTF-8 text, the data
 * as the UTF-8 of its JSON.
 */
export const FitsMessageLimit = (): PropertyDecorator =>
  rule(
    'fitsMessageLimit',
    (_value, host) => messageBytes(host) <= LIMITS.messageBytes,
    `body and data together must not exceed ${LIMITS.messageBytes} bytes of UTF-8`,
    { code: 'message_too_large' },
  );

type MessageContent = { body?: unknown; data?: unknown };

/**
 * Returns how many bytes count towards the limit. Content of a wrong type counts nothing, because another
 * rule refuses it.
 */
const messageBytes = ({ body, data }: MessageContent): number => {
  const bodyBytes = text(body) ? Buffer.byteLength(body) : 0;
  if (data === undefined || data === null || !isJson(data)) return bodyBytes;
  return bodyBytes + Buffer.byteLength(JSON.stringify(data));
};

/**
 * Returns whether a value is JSON and not nested too deeply. Code that handles the value, here and in bots,
 * walks it by recursion.
 */
const isJson = (value: unknown, depth = 0): value is Json => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === LIMITS.dataDepth) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every((item) => isJson(item, depth + 1));
};

import { LEAKS } from '#tools/harness/http/leaks.js';
import type { Message } from '#libs/protocol/message.js';
import { WAYS } from '../exchange.js';
import type { CameBack, Exchange, Expected, Seen } from '../exchange.js';

/** Says in a few words what is wrong with an exchange. @returns undefined if it is as expected */
export const wrongWith = ({ ask, seen, cameBack }: Exchange): string | undefined => {
  if (seen === 'no answer') return 'no answer';
  if (seen.status >= 500) return `${answerOf(seen)}: a server error`;
  const leak = LEAKS.exec(seen.text)?.[0];
  if (leak !== undefined) return `shows internals: ${leak.slice(0, 40)}`;
  if (!isAnswered(ask.expected, seen)) return `${answerOf(seen)} instead of ${wanted(ask.expected)}`;
  return ask.keeps && ask.expected === 'taken' ? changeIn(ask.keeps, cameBack) : undefined;
};

/** Describes an answer for people, such as `400 empty_message`. */
export const answerOf = (seen: Exchange['seen']): string =>
  seen === 'no answer' ? seen : `${seen.status} ${seen.code ?? (seen.status < 300 ? 'taken' : '')}`.trim();

const isAnswered = (expected: Expected, { status, code, message = '' }: Seen): boolean => {
  if (expected === 'taken') return status >= 200 && status < 300;
  if (status !== expected.status || code !== expected.code) return false;
  const { message: text } = expected;
  if (text === undefined) return true;
  return typeof text === 'string' ? message === text : text.test(message);
};

const wanted = (expected: Expected): string => {
  if (expected === 'taken') return expected;
  const { status, code, message } = expected;
  return [status, code, message].filter((part) => part !== undefined).join(' ');
};

const changeIn = (keeps: Partial<Message>, cameBack: CameBack | undefined): string | undefined => {
  const changed = WAYS.flatMap((way) => {
    const message = cameBack?.[way];
    if (message === undefined) return [`did not come back (${way})`];
    const fields = Object.entries(keeps).filter(
      ([field, value]) => !isSame(value, message[field as keyof Message]),
    );
    return fields.map(([field]) => `"${field}" came back changed (${way})`);
  });
  return changed.length === 0 ? undefined : changed.join(', ');
};

/** Compares text byte for byte; objects may have their fields in a different order. */
const isSame = (sent: unknown, back: unknown): boolean => canonical(sent) === canonical(back);

const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

import { RequestError } from '../errors.js';
import { findJsonLoss } from './json-loss.js';
import type { JsonLoss } from './json-loss.js';

const SHOWN_PATH = 128;
const SHOWN_NUMBER = 48;

type Options = Readonly<{
  /** How many outer levels the error leaves out of the path, because the caller does not know them. */
  hidden?: number;
  /** Whether objects may stand for attachments of Socket.IO. Attachments are refused. */
  hasAttachments?: boolean;
}>;

/**
 * Parses JSON without losing anything: every number keeps its value, and no field appears twice. Whoever
 * writes the result again says the same as the text.
 *
 * @throws SyntaxError when the text is not JSON
 * @throws RequestError `invalid_payload`, naming the field
 */
export const parseExactly = (text: string, { hidden = 0, hasAttachments = false }: Options = {}): unknown => {
  const value: unknown = JSON.parse(text);
  // If writing the value gives the same text again, nothing was lost. That is so for most clients, and this
  // check takes a fraction of the time of looking at each number.
  if (!hasAttachments && isWritten(value, text)) return value;
  const loss = findJsonLoss(text, hasAttachments);
  if (loss)
    throw new RequestError('invalid_payload', lossMessage({ ...loss, path: loss.path.slice(hidden) }));
  return value;
};

const isWritten = (value: unknown, text: string): boolean => {
  try {
    return JSON.stringify(value) === text;
  } catch {
    // The value is nested too deeply to be written. Another check limits the depth where that matters.
    return false;
  }
};

const lossMessage = ({ path, what, literal = '' }: JsonLoss): string => {
  const field = path.length === 0 ? 'The payload' : `Field "${shown(pathText(path), SHOWN_PATH)}"`;
  switch (what) {
    case 'number':
      return `${field}: number ${shown(literal, SHOWN_NUMBER)} cannot be kept exactly; send it as a string`;
    case 'repeated':
      return `${field} is there more than once`;
    case 'binary':
      return `${field} is binary, which JSON can't carry; send it as a string`;
  }
};

const pathText = (path: JsonLoss['path']): string =>
  path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('');

/** Returns text from outside in a form that is short and on one line. */
const shown = (text: string, most: number): string =>
  JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text).slice(1, -1);

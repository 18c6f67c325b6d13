import { RequestError } from '../errors.js';
import { findJsonLoss } from './json-loss.js';
import type { JsonLoss } from './json-loss.js';

const SHOWN_PATH = 128;
const SHOWN_NUMBER = 48;

type Options = Readonly<{
  /** Of how many levels the refusal does not tell, because the caller does not know of them. */
  hidden?: number;
  /** Whether objects may stand for attachments of Socket.IO, which are refused. */
  hasAttachments?: boolean;
}>;

/**
 * Reads JSON of which nothing is lost: every number keeps its value, no field is there twice. Whoever writes the
 * result again says the same as the text did.
 *
 * @throws SyntaxError for what is no JSON
 * @throws RequestError `invalid_payload` that names the field
 */
export const parseExactly = (text: string, { hidden = 0, hasAttachments = false }: Options = {}): unknown => {
  const value: unknown = JSON.parse(text);
  // What would be written now is what was sent: so do most clients, and it takes a fraction of looking at each number.
  if (!hasAttachments && isWritten(value, text)) return value;
  const loss = findJsonLoss(text, hasAttachments);
  if (loss) throw new RequestError('invalid_payload', wordOf({ ...loss, path: loss.path.slice(hidden) }));
  return value;
};

const isWritten = (value: unknown, text: string): boolean => {
  try {
    return JSON.stringify(value) === text;
  } catch {
    // It is nested deeper than can be written: whoever may have that is asked elsewhere.
    return false;
  }
};

const wordOf = ({ path, what, literal = '' }: JsonLoss): string => {
  const field = path.length === 0 ? 'The payload' : `Field "${shown(pathText(path), SHOWN_PATH)}"`;
  switch (what) {
    case 'number':
      return `${field}: number ${shown(literal, SHOWN_NUMBER)} cannot be kept exactly; send it as a string`;
    case 'repeated':
      return `${field} is there more than once`;
    case 'binary':
      return `${field} is binary, which JSON has not; send it as a string`;
  }
};

const pathText = (path: JsonLoss['path']): string =>
  path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('');

/** What comes from outside is kept short and on one line. */
const shown = (text: string, most: number): string =>
  JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text).slice(1, -1);

import { keepsItsValue } from './exact-number.js';

/**
 * A part of a JSON text that would not come back as it was sent. `path` names the fields and indexes from the
 * outside in.
 */
export type JsonLoss = Readonly<{
  path: readonly (string | number)[];
  what: 'number' | 'repeated' | 'binary';
  /** The number as it was sent. */
  literal?: string;
}>;

type Level = { kind: 'list'; at: number } | { kind: 'object'; keys: Set<string>; key: string | undefined };

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const NUMBER = /-?\d[\d.eE+-]*/y;

/** The field by which Socket.IO marks the place of an attachment. */
const PLACEHOLDER = '_placeholder';

/**
 * Returns the first number, field or attachment of a JSON text that a usual reader would lose: one that reads
 * numbers as doubles and keeps only the last of several fields with the same name. The time is proportional
 * to the length of the text, however deeply it is nested.
 *
 * @param text valid JSON
 * @param hasAttachments whether placeholders of attachments count as a loss
 */
export const findJsonLoss = (text: string, hasAttachments = false): JsonLoss | undefined => {
  const levels: Level[] = [];
  const path = (): (string | number)[] =>
    levels.map((level) => (level.kind === 'list' ? level.at : (level.key ?? '')));
  let at = 0;
  const match = (token: RegExp): string => {
    token.lastIndex = at;
    const [found] = token.exec(text)!;
    at += found.length;
    return found;
  };
  while (at < text.length) {
    const level = levels.at(-1);
    const char = text[at]!;
    if (char === '"') {
      const string = match(STRING);
      if (level?.kind !== 'object' || level.key !== undefined) continue;
      const key = string.includes('\\') ? (JSON.parse(string) as string) : string.slice(1, -1);
      if (hasAttachments && key === PLACEHOLDER) return { path: path().slice(0, -1), what: 'binary' };
      level.key = key;
      if (level.keys.has(key)) return { path: path(), what: 'repeated' };
      level.keys.add(key);
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const literal = match(NUMBER);
      if (!keepsItsValue(literal)) return { path: path(), what: 'number', literal };
    } else {
      at += 1;
      if (char === '{') levels.push({ kind: 'object', keys: new Set(), key: undefined });
      else if (char === '[') levels.push({ kind: 'list', at: 0 });
      else if (char === '}' || char === ']') levels.pop();
      else if (char === ',' && level?.kind === 'list') level.at += 1;
      else if (char === ',' && level?.kind === 'object') level.key = undefined;
    }
  }
  return undefined;
};

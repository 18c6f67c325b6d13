import { NAME_PATTERN } from '#libs/domain/name.js';
import type { Expected, Request } from '../exchange.js';

/** What a place takes, as far as text is concerned that is no name, number, time, id or word of a list. */
export type Kind = 'name' | 'text' | 'key' | 'key id' | 'other';

/** One place of the API where a value can be put: a field of a body, a parameter, a part of the address. */
export type Place = Readonly<{
  /** For people: `POST /v1/bots "name"`. */
  where: string;
  field: string;
  /** In the address itself there is only text, and a `/` or `..` may change which route it is. */
  part: 'path' | 'query' | 'body' | 'map' | 'auth';
  kind: Kind;
  isRequired: boolean;
  /** A good request but for this value; undefined leaves the field out. Text in an address goes out as it stands. */
  put(value: unknown): Request;
  /** What a request with nothing but good values is answered with; by default it is taken. */
  whenGood?: Expected;
  /** Whether what is put here is stored as a field of a message, that can be read back by every way. */
  keptAs?: 'body' | 'data' | 'correlationId';
}>;

/** A JSON schema, as far as it matters here. */
export type Schema = Readonly<{
  type?: string;
  pattern?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: Schema;
}>;

/** Where any text is as good as another. All other fields have rules of their own. */
const FREE = new Set(['body', 'data', 'reason', 'correlationId', 'type', 'stream', 'q']);

export const kindOf = (field: string, schema: Schema, part: Place['part']): Kind => {
  if (schema.pattern === NAME_PATTERN.source) return 'name';
  if (part === 'path') return 'key id';
  if (part === 'auth' && field === 'key') return 'key';
  return FREE.has(field) ? 'text' : 'other';
};

/** What text that is no name, number, time, id or word of a list is answered with at a place of a kind. */
export const answerToText = ({
  kind,
  field,
  whenGood = 'taken',
}: Pick<Place, 'kind' | 'field' | 'whenGood'>): Expected => {
  if (kind === 'name') return { status: 400, code: 'invalid_name' };
  if (kind === 'key') return { status: 401, code: 'unauthenticated' };
  if (kind === 'key id') return { status: 404, code: 'unknown_key' };
  return kind === 'text' ? whenGood : { status: 400, code: 'invalid_payload', message: naming(field) };
};

/** A message that names a field. */
export const naming = (field: string): RegExp => new RegExp(`[Ff]ield "${field}[."]`);

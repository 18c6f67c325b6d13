import { NAME_PATTERN } from '#libs/domain/name.js';
import type { Expected, Request } from '../exchange.js';

/** Kinds of places, by how they answer text that is not a valid name, number, time, id or listed word. */
export type Kind = 'name' | 'text' | 'key' | 'key id' | 'address' | 'other';

/** One place of the API where a value can be put: a field of a body, a parameter or a part of the address. */
export type Place = Readonly<{
  /** For people: `POST /v1/bots "name"`. */
  where: string;
  field: string;
  /** A `path` part holds only text, and a `/` or `..` in it may lead to a different route. */
  part: 'path' | 'query' | 'body' | 'map' | 'auth';
  kind: Kind;
  isRequired: boolean;
  /** Returns a request that is valid except for this value. Undefined leaves the field out. Addresses are not encoded. */
  put(value: unknown): Request;
  /** The answer to a request with only valid values; by default it is accepted. */
  whenGood?: Expected;
  /** The field of a message in which the value is stored, so that it can be read back. */
  keptAs?: 'body' | 'data' | 'correlationId';
}>;

/** The part of a JSON schema that matters here. */
export type Schema = Readonly<{
  type?: string;
  format?: string;
  pattern?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  additionalProperties?: Schema;
}>;

/** Fields that take any text. All other fields have rules of their own. */
const FREE = new Set(['body', 'data', 'reason', 'correlationId', 'type', 'stream', 'q']);

export const kindOf = (field: string, schema: Schema, part: Place['part']): Kind => {
  if (schema.pattern === NAME_PATTERN.source) return 'name';
  if (part === 'path' && schema.format === 'uuid') return 'other';
  if (part === 'path') return field === 'path' ? 'address' : 'key id';
  if (part === 'auth' && field === 'key') return 'key';
  return FREE.has(field) ? 'text' : 'other';
};

/** Returns the answer that a place must give to text that is not a valid name, number, time, id or listed word. */
export const answerToText = ({
  kind,
  field,
  whenGood = 'taken',
}: Pick<Place, 'kind' | 'field' | 'whenGood'>): Expected => {
  if (kind === 'name') return { status: 400, code: 'invalid_name' };
  if (kind === 'key') return { status: 401, code: 'unauthenticated' };
  if (kind === 'key id') return { status: 404, code: 'unknown_key' };
  if (kind === 'address') return { status: 404, code: 'not_found' };
  return kind === 'text' ? whenGood : { status: 400, code: 'invalid_payload', message: naming(field) };
};

/** Returns a pattern that matches a message naming the field. */
export const naming = (field: string): RegExp => new RegExp(`[Ff]ield "${field}[."]`);

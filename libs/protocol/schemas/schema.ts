import { NAME_PATTERN } from '#libs/domain/name.js';

/** The part of JSON Schema that OpenAPI 3.0 and AsyncAPI 3 share. */
export type Schema = {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  enum?: (string | boolean)[];
  oneOf?: Schema[];
  allOf?: Schema[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
};

type Fields = Readonly<Record<string, Schema>>;

/**
 * Returns the schema of an object with fields that are always there and fields that may be. A version of the
 * protocol may add others.
 */
export const object = (always: Fields, sometimes: Fields = {}): Schema => ({
  type: 'object',
  properties: { ...always, ...sometimes },
  ...(Object.keys(always).length > 0 && { required: Object.keys(always) }),
});

export const list = (items: Schema, maxItems?: number): Schema => ({
  type: 'array',
  items,
  ...(maxItems !== undefined && { maxItems }),
});

/** Returns the schema of an object whose field names are data. */
export const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });

export const oneWordOf = (...words: string[]): Schema => ({ type: 'string', enum: words });
export const described = (description: string, schema: Schema): Schema => ({ ...schema, description });
export const text = (maxLength?: number): Schema => ({
  type: 'string',
  ...(maxLength !== undefined && { minLength: 1, maxLength }),
});

export const booleanValue: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const name: Schema = { type: 'string', pattern: NAME_PATTERN.source };
export const messageId: Schema = { type: 'string', format: 'uuid' };
/** The seq of a message, or -1 where there is none yet. */
export const seq: Schema = { type: 'integer', minimum: -1 };
/** A place in the whole log: opaque, a decimal number as text. */
export const position: Schema = { type: 'string', pattern: '^[0-9]+$' };
/** A time, ISO 8601 in UTC. */
export const instant: Schema = { type: 'string', format: 'date-time' };
/** Any JSON value. */
export const anything: Schema = {};

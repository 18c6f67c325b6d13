import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { ErrorObject } from 'ajv';

/** Checks values against JSON Schemas. */
export class JsonSchemas {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });

  constructor() {
    // The package has CommonJS types, but when it is imported as a module, its default export is the module itself.
    (addFormats as unknown as (ajv: Ajv) => void)(this.ajv);
  }

  /** Returns, in words, where the value does not fit the schema. An empty list means that it fits. */
  problems(schema: object, value: unknown): string[] {
    const validate = this.ajv.compile(schema);
    return validate(value) ? [] : (validate.errors ?? []).map(inWords);
  }

  /** Like {@link problems}, but a field that the schema does not name is a problem too. */
  problemsWhole(schema: object, value: unknown): string[] {
    return this.problems(closed(schema) as object, value);
  }
}

const inWords = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`;

/** Clients must expect more fields than the schema names. Our own answers have none, so here they count as problems. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    key === 'example' ? value : closed(value),
  ]);
  const { properties, additionalProperties } = schema as {
    properties?: object;
    additionalProperties?: unknown;
  };
  const isOpen =
    properties !== undefined && typeof properties === 'object' && additionalProperties === undefined;
  return { ...Object.fromEntries(entries), ...(isOpen && { additionalProperties: false }) };
};

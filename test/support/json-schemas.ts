import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { ErrorObject } from 'ajv';

/** Holds values to JSON Schemas. */
export class JsonSchemas {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });

  constructor() {
    // Its types are those of CommonJS; imported as a module its default is the module itself.
    (addFormats as unknown as (ajv: Ajv) => void)(this.ajv);
  }

  /** What does not fit, in words; none is good. */
  problems(schema: object, value: unknown): string[] {
    const validate = this.ajv.compile(schema);
    return validate(value) ? [] : (validate.errors ?? []).map(inWords);
  }

  /** As {@link problems}, and fields that the schema does not name are problems too. */
  problemsWhole(schema: object, value: unknown): string[] {
    return this.problems(closed(schema) as object, value);
  }
}

const inWords = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`;

/** Clients have to expect more fields than the schema names; we know of none. */
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

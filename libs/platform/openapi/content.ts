import { ApiBody, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { Schema } from '#libs/protocol/schemas/schema.js';

/** Documents a JSON answer by its schema and an example. */
export const JsonAnswer = (
  status: number,
  description: string,
  schema: Schema,
  example: object,
): MethodDecorator =>
  ApiResponse({ status, description, content: { 'application/json': { schema, example } } });

/** Documents the JSON body that a route takes. */
export const JsonBody = (schema: Schema, example: object, required = true): MethodDecorator =>
  ApiBody({ required, schema: { ...schema, example } });

/** Documents an optional query parameter. */
export const QueryParameter = (
  name: string,
  schema: Schema & { default?: unknown },
  description?: string,
  example?: unknown,
): MethodDecorator =>
  ApiQuery({
    name,
    required: false,
    // An example next to the schema would not get into the document.
    schema: { ...schema, ...(example !== undefined && { example }) },
    ...(description !== undefined && { description }),
  });

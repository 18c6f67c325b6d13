import { ApiBody, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { Schema } from '#libs/protocol/schemas/schema.js';

/** A JSON answer: what it looks like, and one of its kind. */
export const JsonAnswer = (
  status: number,
  description: string,
  schema: Schema,
  example: object,
): MethodDecorator =>
  ApiResponse({ status, description, content: { 'application/json': { schema, example } } });

/** The JSON a route takes. */
export const JsonBody = (schema: Schema, example: object, required = true): MethodDecorator =>
  ApiBody({ required, schema: { ...schema, example } });

/** A parameter of the query, which may be left out. */
export const QueryParameter = (
  name: string,
  schema: Schema & { default?: unknown },
  description?: string,
  example?: unknown,
): MethodDecorator =>
  ApiQuery({
    name,
    required: false,
    // An example beside the schema does not get into the document.
    schema: { ...schema, ...(example !== undefined && { example }) },
    ...(description !== undefined && { description }),
  });

import { getMetadataStorage, validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { RequestError } from '../errors.js';
import type { ErrorCode } from '../errors.js';
import { compileRules } from './compiled-rules.js';
import type { RuleCheck } from './compiled-rules.js';

/** The `context` of a rule that is answered with a code other than `invalid_payload`. */
export type RuleContext = Readonly<{ code: ErrorCode }>;

type Class<T extends object> = new () => T;

/**
 * Checks a payload from outside against a request class. HTTP and Socket.IO both use it. The result holds
 * only the known fields, exactly as they came in: nothing is coerced, trimmed or defaulted.
 *
 * @throws RequestError `invalid_payload` naming the field, or the code in the broken rule's context
 */
export const parseRequest = <T extends object>(shape: Class<T>, payload: unknown): T => {
  const { request, refusal } = checkRequest(shape, payload);
  if (refusal) throw refusal;
  return request;
};

/** A request as it came in, and the reason why it is refused if one of its fields breaks a rule. */
export type Checked<T> = Readonly<{ request: T; refusal?: RequestError }>;

/**
 * Checks a payload like {@link parseRequest}, but returns a broken rule along with the request. It is for
 * requests that may have been accepted earlier, when other rules applied.
 *
 * @throws RequestError `invalid_payload` when the payload is not an object or has unknown fields
 */
export const checkRequest = <T extends object>(shape: Class<T>, payload: unknown): Checked<T> => {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new RequestError('invalid_payload', 'The payload must be a JSON object');
  }
  const request = new shape();
  const { fields, keepsRules } = formOf(shape);
  for (const field of Object.keys(payload)) {
    if (!fields.has(field)) throw new RequestError('invalid_payload', `Unknown field "${printable(field)}"`);
    const value: unknown = Reflect.get(payload, field);
    if (value !== undefined) Reflect.set(request, field, value);
  }
  if (keepsRules?.(request)) return { request };
  // Only class-validator says which rule is broken.
  const errors = validateSync(request, { stopAtFirstError: false, forbidUnknownValues: true });
  return errors.length > 0 ? { request, refusal: firstError(errors) } : { request };
};

/** What is known of a class of requests: its fields, and a quick check of its rules if they can be compiled. */
type Form = Readonly<{ fields: ReadonlySet<string>; keepsRules: RuleCheck | undefined }>;

const known = new WeakMap<object, Form>();

const formOf = (shape: Class<object>): Form => {
  const cached = known.get(shape);
  if (cached) return cached;
  const rules = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  const form = { fields: new Set(rules.map((rule) => rule.propertyName)), keepsRules: compileRules(shape) };
  known.set(shape, form);
  return form;
};

/**
 * Returns the first error in the order of the class's fields. A field of the wrong type comes before one that
 * only has a bad value.
 */
const firstError = (errors: readonly ValidationError[]): RequestError => {
  const broken = errors.map((error) => describe(error));
  return broken.find((error) => error.code === 'invalid_payload') ?? broken[0]!;
};

const describe = (error: ValidationError): RequestError => {
  const constraints = Object.entries(error.constraints ?? {});
  const plain = constraints.find(([rule]) => contextOf(error, rule) === undefined);
  if (plain) return new RequestError('invalid_payload', plain[1]);
  const [rule, text] = constraints[0] ?? ['', `Field "${error.property}" is not valid`];
  const context = contextOf(error, rule);
  return new RequestError(context?.code ?? 'invalid_payload', text);
};

const contextOf = (error: ValidationError, rule: string): RuleContext | undefined =>
  error.contexts?.[rule] as RuleContext | undefined;

/**
 * Returns the name of an unknown field in a form that is short and on one line, because it comes from
 * outside.
 */
const printable = (field: string): string => JSON.stringify(field.slice(0, 64)).slice(1, -1);

import type { PipeTransform } from '@nestjs/common';
import { NameParameter } from '#libs/protocol/requests/name-parameter.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';

type Class<T extends object> = new () => T;

/**
 * A checked request. As the type of a parameter it keeps the class out of the OpenAPI document, which describes
 * requests by itself.
 */
export type Checked<T extends object> = Readonly<T>;

/**
 * Checks a body by the rules of its class, with the same errors as over Socket.IO.
 *
 * Nest runs the pipes of a route from its last parameter to its first, and the first error is the answer. So what has
 * to be checked first is the last parameter.
 */
export class RequestPipe<T extends object> implements PipeTransform<unknown, T> {
  constructor(private readonly shape: Class<T>) {}

  /** @throws RequestError `invalid_payload` naming the field, or the code of the rule that is broken */
  transform(body: unknown): T {
    return parseRequest(this.shape, body);
  }
}

/** Does the same for a body that may be left out. */
export class OptionalRequestPipe<T extends object> extends RequestPipe<T> {
  override transform(body: unknown): T {
    return super.transform(body === undefined ? {} : body);
  }
}

/** Checks a name in the path of a URL. */
export class NamePipe implements PipeTransform<unknown, string> {
  /** @throws RequestError `invalid_name` */
  transform(name: unknown): string {
    return parseRequest(NameParameter, { name }).name;
  }
}

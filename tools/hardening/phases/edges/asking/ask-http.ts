import { rawRequest } from '#tools/harness/http/raw-request.js';
import type { RawAnswer } from '#tools/harness/http/raw-request.js';
import type { Request, Seen } from '../exchange.js';
import type { Scene } from '../scene.js';

/** Sends a request over HTTP, exactly as given. */
export const askHttp = async (
  { method, path, body, as }: Request & { road: 'http' },
  { api, keys }: Scene,
): Promise<Seen | 'no answer'> => {
  const headers = {
    authorization: `Bearer ${as === 'admin' ? api.adminKey : keys.http}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return rawRequest(api.url, { method, path, headers, ...(body === undefined ? {} : { body }) }).then(
    seenOf,
    () => 'no answer',
  );
};

/** A refusal must be a problem document with the same status as the response; anything else has no code. */
const seenOf = ({ status, headers, text }: RawAnswer): Seen => {
  const body = jsonOf(text);
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true;
  if (status >= 400)
    return isProblem && body['status'] === status
      ? { status, code: String(body['code']), message: String(body['detail']), text }
      : { status, text };
  return { status, text, ...(typeof body['seq'] === 'number' ? { seq: body['seq'] } : {}) };
};

const jsonOf = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

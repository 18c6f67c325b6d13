import { createLocalJWKSet, createRemoteJWKSet, customFetch } from 'jose';
import type { FetchImplementation, JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { TokenSettings } from '../../config/token-settings.js';
import { readText } from '../../files/read-text.js';

/**
 * Milliseconds that the identity provider may take to answer with its keys, and how old the keys may be before they are
 * fetched again.
 */
const FETCH_MS = 5_000;
const FRESH_MS = 600_000;
/**
 * The shortest time between two requests to the provider, in milliseconds. It holds whatever tokens are shown and
 * whether the provider answers or not.
 */
const ASK_EVERY_MS = 10_000;
const SET_BYTES = 256 * 1024;

/**
 * Returns a function that finds the key a token was signed with. Keys that were fetched once stay in use while the
 * provider is away. Where a token itself says its key is (`jku`, `x5u`, `jwk`) is ignored.
 * @throws Error when a file can't be read or holds no keys
 */
export const tokenKeysFrom = (source: TokenSettings['source']): JWTVerifyGetKey => {
  if ('secret' in source) return async () => Buffer.from(source.secret, 'utf8');
  if ('secretFile' in source) {
    const secret = readText(source.secretFile);
    if (secret.length < 32) throw new Error(`${source.secretFile} holds a secret of less than 32 characters`);
    return async () => Buffer.from(secret, 'utf8');
  }
  if ('jwksFile' in source) return createLocalJWKSet(JSON.parse(readText(source.jwksFile)) as JSONWebKeySet);
  return remoteKeys(new URL(source.jwksUrl));
};

const remoteKeys = (url: URL): JWTVerifyGetKey => {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: FETCH_MS,
    cooldownDuration: ASK_EVERY_MS,
    cacheMaxAge: Infinity,
    [customFetch]: seldom(),
  });
  let freshUntil = -Infinity;
  return async (header, token) => {
    const key = await keys(header, token);
    const now = performance.now();
    if (now > freshUntil) {
      const isFirst = freshUntil === -Infinity;
      freshUntil = now + (isFirst ? FRESH_MS : ASK_EVERY_MS);
      // Nobody waits for this reload. If it fails, the present keys stay in use.
      if (!isFirst)
        keys.reload().then(
          () => (freshUntil = performance.now() + FRESH_MS),
          () => undefined,
        );
    }
    return key;
  };
};

const seldom = (): FetchImplementation => {
  let asked = -Infinity;
  return async (url, options) => {
    const now = performance.now();
    if (now - asked < ASK_EVERY_MS) throw new Error('The identity provider was asked a moment ago');
    asked = now;
    const response = await fetch(url, options);
    return new Response(await boundedText(response), { status: response.status });
  };
};

const boundedText = async ({ body }: Response): Promise<string> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > SET_BYTES) throw new Error('The identity provider lists too many keys');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

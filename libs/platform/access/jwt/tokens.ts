import { decodeJwt, errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { RequestError } from '#libs/protocol/errors.js';
import type { Caller } from '../caller.js';
import type { TokenSettings } from '../../config/token-settings.js';
import { callerIn, isToken } from './token-claims.js';
import { tokenKeysFrom } from './token-keys.js';

/** Milliseconds between two reports of an outage of the identity provider. */
const SAY_EVERY_MS = 10_000;

/**
 * Verifies tokens of an identity provider (JWT, RFC 7519) and returns the caller who shows one. A token counts only if
 * its signature and its claims are good.
 */
export class Tokens {
  private readonly options: JWTVerifyOptions;
  private readonly keys: JWTVerifyGetKey;
  private saidAt = -Infinity;

  /** @throws Error when a file of keys can't be read */
  constructor(
    private readonly settings: TokenSettings,
    private readonly say: (trouble: string) => void,
  ) {
    const { source, algorithms, issuer, audience, names } = settings;
    this.keys = tokenKeysFrom(source);
    this.options = {
      // Only these algorithms are accepted, whatever the token says about itself: not `none`, and not a public key used
      // as a shared secret.
      algorithms: [...algorithms],
      issuer,
      audience,
      clockTolerance: names.toleranceMs / 1_000,
      requiredClaims: ['exp', 'sub', 'iss', 'aud'],
    };
  }

  /**
   * Returns the caller, or undefined when the text is not a token that is valid now.
   * @throws RequestError `unauthenticated`, which may be tried again, while the keys of the identity provider can't be
   * fetched
   */
  async verify(text: string): Promise<Caller | undefined> {
    if (!isToken(text)) return undefined;
    try {
      const { payload } = await jwtVerify(text, this.keys, this.options);
      return callerIn(payload, text, this.settings.names);
    } catch (error) {
      if (isAboutToken(error)) return undefined;
      this.sayOnce((error as Error).message);
      throw new RequestError(
        'unauthenticated',
        'The keys of the identity provider can’t be fetched at the moment',
        SAY_EVERY_MS,
        true,
      );
    }
  }

  /**
   * Returns the caller that a token names, without verifying the token. Use it only for tokens that were verified
   * before.
   */
  read(text: string): Caller | undefined {
    try {
      return callerIn(decodeJwt(text), text, this.settings.names);
    } catch {
      return undefined;
    }
  }

  private sayOnce(trouble: string): void {
    const now = performance.now();
    if (now - this.saidAt < SAY_EVERY_MS) return;
    this.saidAt = now;
    this.say(trouble);
  }
}

/**
 * Returns whether an error is about the token itself. Any other error concerns the provider's keys or how they are
 * fetched.
 */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== 'ERR_JOSE_GENERIC';

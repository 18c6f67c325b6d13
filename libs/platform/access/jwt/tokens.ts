import { decodeJwt, errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { RequestError } from '#libs/protocol/errors.js';
import type { Caller } from '../caller.js';
import type { TokenSettings } from '../../config/token-settings.js';
import { callerIn, isToken } from './token-claims.js';
import { tokenKeysFrom } from './token-keys.js';

/** Of an outage of the identity provider it is said at most so often, in milliseconds. */
const SAY_EVERY_MS = 10_000;

/** Tokens of an identity provider (JWT, RFC 7519): who shows one, once its signature and claims were found good. */
export class Tokens {
  private readonly options: JWTVerifyOptions;
  private readonly keys: JWTVerifyGetKey;
  private saidAt = -Infinity;

  /** @throws Error where a file of keys can't be read */
  constructor(
    private readonly settings: TokenSettings,
    private readonly say: (trouble: string) => void,
  ) {
    const { source, algorithms, issuer, audience, names } = settings;
    this.keys = tokenKeysFrom(source);
    this.options = {
      // Nothing but these is taken, whatever a token says of itself: neither `none`, nor a public key as a shared secret.
      algorithms: [...algorithms],
      issuer,
      audience,
      clockTolerance: names.toleranceMs / 1_000,
      requiredClaims: ['exp', 'sub', 'iss', 'aud'],
    };
  }

  /**
   * Undefined for whatever is not a token that is good now.
   * @throws RequestError `unauthenticated`, which may be tried again, while the identity provider's keys can't be had
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
        'The keys of the identity provider can’t be had just now',
        SAY_EVERY_MS,
        true,
      );
    }
  }

  /** What a token that was verified before says. Of any other it proves nothing. */
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

/** Anything else went wrong on the way to the provider's keys, or in them. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== 'ERR_JOSE_GENERIC';

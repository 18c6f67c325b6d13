import { botStream } from '#libs/domain/stream-names.js';
import type { Authenticator } from '#libs/platform/access/authenticator.js';
import type { Caller, Token } from '#libs/platform/access/caller.js';
import { isToken } from '#libs/platform/access/jwt/token-claims.js';
import type { Tokens } from '#libs/platform/access/jwt/tokens.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';
import { requireBot } from './caller-of.js';
import type { DirectoryKeys } from './directory-keys.js';
import type { DirectoryTails } from './directory-tails.js';
import type { Directory } from './directory.js';

type Revocations = Pick<Directory, 'operatorKeys'>;

/**
 * Returns whether a verified token is still valid, at a time in milliseconds since 1970: it has not expired, and
 * nobody revoked it, neither by itself nor with others of its subject, its bot or its issuer.
 */
export const tokenStands = (token: Token, directory: Revocations, at: number): boolean => {
  const { revoked, tokensBefore } = directory.operatorKeys('admin');
  if (at >= token.until || revoked.has(token.id)) return false;
  // A token that does not say when it was issued counts as older than any time.
  const { issuedAt = -Infinity } = token;
  return token.groupIds.every((id) => !revoked.has(id) && issuedAt >= (tokensBefore.get(id) ?? -Infinity));
};

/**
 * Authenticates callers by key or token. Keys are our own; tokens come from an identity provider, if one is
 * configured.
 */
export class Credentials implements Authenticator {
  constructor(
    private readonly keys: DirectoryKeys,
    private readonly tokens: Pick<Tokens, 'verify' | 'read'> | undefined,
    private readonly directory: Pick<Directory, 'bot' | 'operatorKeys' | 'damageOf'>,
    private readonly tails: Pick<DirectoryTails, 'readOn'>,
    private readonly clock: Pick<Clock, 'now'> = SYSTEM_CLOCK,
  ) {}

  authenticate(shown: string): Caller | undefined {
    return this.keys.authenticate(shown);
  }

  async authenticateNew(shown: string, from?: string): Promise<Caller | undefined> {
    if (!isToken(shown)) return this.keys.authenticateNew(shown, from);
    const caller = await this.tokens?.verify(shown);
    if (caller?.role === 'bot' && this.directory.bot(caller.bot).status === 'unknown')
      await this.tails.readOn(botStream(caller.bot));
    return caller && this.admit(caller);
  }

  isValid(shown: string): boolean {
    const caller = isToken(shown) ? this.tokens?.read(shown) : undefined;
    try {
      return (isToken(shown) ? caller && this.admit(caller) : this.keys.authenticate(shown)) !== undefined;
    } catch {
      // The caller is a suspended bot, or its stream is damaged.
      return false;
    }
  }

  onChange(listener: () => void): void {
    this.keys.onChange(listener);
  }

  /**
   * Returns the caller if the token is still valid and the bot is known.
   *
   * @throws RequestError `forbidden` for a bot that is suspended or whose stream is damaged
   */
  private admit(caller: Caller): Caller | undefined {
    if (!caller.token || !tokenStands(caller.token, this.directory, this.clock.now())) return undefined;
    if (caller.role !== 'bot') return caller;
    if (this.directory.bot(caller.bot).status === 'unknown') return undefined;
    requireBot(caller.bot, this.directory);
    return caller;
  }
}

/** A token of an identity provider that a caller was admitted with. Times are in milliseconds since 1970. */
export type Token = Readonly<{
  id: string;
  /**
   * The ids that stand for this token together with others: for all tokens of its subject, of its issuer and, if a bot
   * shows it, of that bot.
   */
  groupIds: readonly string[];
  /** When the token was issued; undefined where it does not say so. */
  issuedAt: number | undefined;
  until: number;
}>;

/**
 * Identifies who makes a request, once the key was accepted. Admins and auditors are people; their key ids tell them
 * apart.
 */
export type Caller = Readonly<
  ({ role: 'bot'; bot: string; keyId: string } | { role: 'admin' | 'auditor'; keyId: string }) & {
    /**
     * The token, when the caller showed a token instead of a key. The key id is then that of the token's subject, so
     * that the many tokens of one person count as one key.
     */
    token?: Token;
  }
>;

export type Role = Caller['role'];

export const TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

/** The names of the claims that say who the caller is, and how far clocks may differ, in milliseconds. */
export type ClaimNames = Readonly<{ role: string; bot: string; toleranceMs: number }>;

/** Says whose tokens (JWT) are accepted: one source of keys, and the claims that a token must have. */
export type TokenSettings = Readonly<{
  source: Readonly<{ secret: string } | { secretFile: string } | { jwksFile: string } | { jwksUrl: string }>;
  algorithms: readonly string[];
  issuer: string;
  audience: string;
  names: ClaimNames;
}>;

export type TokenTexts = Readonly<{
  secret?: string | undefined;
  secretFile?: string | undefined;
  jwksFile?: string | undefined;
  jwksUrl?: string | undefined;
  issuer?: string | undefined;
  audience?: string | undefined;
  algorithms: readonly string[];
  names: ClaimNames;
}>;

const SOURCES = ['secret', 'secretFile', 'jwksFile', 'jwksUrl'] as const;
const NAMES = 'VERBATIM_JWT_SECRET, VERBATIM_JWT_SECRET_FILE, VERBATIM_JWT_JWKS_FILE, VERBATIM_JWT_JWKS_URL';

/** Returns undefined when no tokens are accepted. Shared secrets and public keys never use the same algorithms. */
export const tokenSettings = (given: TokenTexts): TokenSettings | undefined => {
  const name = SOURCES.find((source) => given[source] !== undefined);
  if (name === undefined) return undefined;
  const source = { [name]: given[name] } as TokenSettings['source'];
  const isShared = name === 'secret' || name === 'secretFile';
  const { issuer = '', audience = '', names } = given;
  return { source, algorithms: isShared ? ['HS256'] : given.algorithms, issuer, audience, names };
};

/** Lists the token settings that are missing or contradict each other, as sentences for the list of mistakes. */
export const tokenMistakes = (given: TokenTexts): string[] => {
  const sources = SOURCES.filter((source) => given[source] !== undefined);
  if (sources.length > 1) return [`Only one of ${NAMES} may be set`];
  const said = given.issuer !== undefined || given.audience !== undefined;
  if (sources.length === 0) return said ? [`One of ${NAMES} must be set with an issuer or audience`] : [];
  return [
    ...(given.issuer === undefined ? ['VERBATIM_JWT_ISSUER must be set where tokens are taken'] : []),
    ...(given.audience === undefined ? ['VERBATIM_JWT_AUDIENCE must be set where tokens are taken'] : []),
  ];
};

import type { ClaimNames } from '../access/jwt/token-claims.js';

export const TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

/** Whose tokens are taken (JWT): one source of keys, and what a token must say. */
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

/** Undefined where no tokens are taken. Shared secrets and public keys never go by the same algorithms. */
export const tokenSettings = (given: TokenTexts): TokenSettings | undefined => {
  const name = SOURCES.find((source) => given[source] !== undefined);
  if (name === undefined) return undefined;
  const source = { [name]: given[name] } as TokenSettings['source'];
  const isShared = name === 'secret' || name === 'secretFile';
  const { issuer = '', audience = '', names } = given;
  return { source, algorithms: isShared ? ['HS256'] : given.algorithms, issuer, audience, names };
};

/** What is missing or too much, each completing a list of mistakes. */
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

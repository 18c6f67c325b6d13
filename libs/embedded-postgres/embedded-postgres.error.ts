/** Why the embedded PostgreSQL can't run: one line for the operator, with what to do about it. No secrets. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The way out that always works. */
export const OR_USE_YOUR_OWN = 'or set VERBATIM_POSTGRES_URL to a PostgreSQL of your own';

/**
 * Says why the embedded PostgreSQL cannot run: one line for the operator, with a remedy and without secrets.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The remedy that always works. */
export const OR_USE_YOUR_OWN = 'or set VERBATIM_POSTGRES_URL to a PostgreSQL of your own';

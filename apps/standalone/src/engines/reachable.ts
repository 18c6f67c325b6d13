import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EventStore } from '#libs/event-store/event-store.js';
import { maskSecrets } from '#libs/platform/config/mask-secrets.js';
import { StartRefused } from '../start-refused.js';
import { within } from '../within.js';

/** Milliseconds a configured store has to answer at start: it may be starting at the same time. */
const PATIENCE_MS = 6000;
const PAUSE_MS = 250;

/** The URL itself, once the store answers there. @throws StartRefused */
export const checkEventStore = async (url: string): Promise<string> => {
  const trouble = await untilItAnswers(async (timeoutMs) => {
    const store = new EventStore({ connectionString: url });
    try {
      await store.ping(timeoutMs);
    } finally {
      await store.close();
    }
  });
  if (trouble === undefined) return url;
  throw new StartRefused(
    `The event store at ${maskSecrets(url)} does not answer: check VERBATIM_EVENTSTORE_URL`,
  );
};

/** The URL itself, once a connection could be made. @throws StartRefused */
export const checkPostgres = async (url: string): Promise<string> => {
  const trouble = await untilItAnswers(async (timeoutMs) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs });
    client.on('error', () => {}); // the connect call reports it
    try {
      await client.connect();
    } finally {
      await client.end().catch(() => undefined);
    }
  });
  if (trouble === undefined) return url;
  throw new StartRefused(
    `PostgreSQL at ${maskSecrets(url)} does not answer (${maskSecrets(trouble)}): check VERBATIM_POSTGRES_URL`,
  );
};

/** Undefined once `attempt` succeeds; what went wrong last when it never did in time. */
const untilItAnswers = async (attempt: (timeoutMs: number) => Promise<void>): Promise<string | undefined> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const left = deadline - Date.now();
    const trouble = await within(left, attempt(left)).then(() => undefined, textOf);
    if (trouble === undefined || Date.now() + PAUSE_MS > deadline) return trouble;
    await delay(PAUSE_MS);
  }
};

/** Node reports a refused connection to a host with several addresses as an error without a message of its own. */
const textOf = (error: unknown): string => {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'no answer';
};

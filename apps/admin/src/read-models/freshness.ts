import type { EntityManager } from 'typeorm';
import { RequestError } from '#libs/protocol/errors.js';

export type ReadModelName = 'messages' | 'channels' | 'memberships' | 'bots' | 'presence' | 'activity';
/** `all`: whichever there are. */
export type ReadModelNames = readonly [ReadModelName, ...ReadModelName[]] | 'all';

/** Up to where in the log an answer is level, and how old the newest it could not know of may be. */
export type Freshness = Readonly<{ position: bigint; lagMs: number }>;

/** A reader says each second that it lives; one silent for longer than this is lagging by its silence. */
export const SILENCE_MS = 5_000;
const RETRY_AFTER_MS = 1_000;

type Standing = { builds: string; position: string | null; lag_ms: string | null };

/**
 * The least of the checkpoints, and the greatest of the lags, of the read models an answer is taken from.
 *
 * @throws RequestError `read_model_unavailable` while not all of the projections have begun
 */
export const readFreshness = async (source: EntityManager, names: ReadModelNames): Promise<Freshness> => {
  const [standing] = await source.query<Standing[]>(
    // A checkpoint whose prepare position is the smaller lies before the event at its commit position.
    `SELECT count(*) AS builds,
       min(CASE WHEN prepare_position < commit_position THEN commit_position - 1 ELSE commit_position END) AS position,
       max(lag_ms + CASE WHEN silence > $2 THEN silence ELSE 0 END) AS lag_ms
     FROM (SELECT *, (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::bigint AS silence
           FROM projection_builds WHERE ($1::text[] IS NULL OR name = ANY ($1)) AND active) AS build`,
    [names === 'all' ? null : names, SILENCE_MS],
  );
  if (standing?.position == null || Number(standing.builds) < (names === 'all' ? 1 : names.length)) {
    throw new RequestError('read_model_unavailable', 'Nothing was projected yet, try again', RETRY_AFTER_MS);
  }
  return { position: BigInt(standing.position), lagMs: Math.max(0, Number(standing.lag_ms)) };
};

export const notCaughtUp = ({ position }: Freshness, minPosition: bigint): RequestError =>
  new RequestError(
    'not_caught_up',
    `The read model is at position ${position}, not yet at ${minPosition}`,
    RETRY_AFTER_MS,
  );

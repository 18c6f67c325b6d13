import type { EntityManager } from 'typeorm';
import { LOG_START, keptPositionOf } from '#libs/event-store/position.js';
import { SILENCE_MS } from '#libs/projections/runner/silence.js';
import { NotOfThisLog } from '#libs/projections/vouched-read-models.js';
import { RequestError } from '#libs/protocol/errors.js';

export type ReadModelName = 'messages' | 'channels' | 'memberships' | 'bots' | 'presence' | 'activity';
/** `all`: whichever there are. */
export type ReadModelNames = readonly [ReadModelName, ...ReadModelName[]] | 'all';

/** Up to where in the log an answer is level, and how old the newest it could not know of may be. */
export type Freshness = Readonly<{ position: bigint; lagMs: number }>;

const RETRY_AFTER_MS = 1_000;

type Standing = Readonly<{
  name: string;
  displaced: string | null;
  commit_position: string;
  prepare_position: string;
  lag_ms: string;
  silence: string;
}>;

/**
 * The least of the checkpoints, and the greatest of the lags, of the read models an answer is taken from.
 *
 * @throws RequestError `read_model_unavailable` while not all of the projections have begun
 * @throws NotOfThisLog when one of those named is of a log that was replaced
 */
export const readFreshness = async (source: EntityManager, names: ReadModelNames): Promise<Freshness> => {
  const standings = await source.query<Standing[]>(
    `SELECT name, commit_position, prepare_position, displaced, lag_ms,
       greatest(0, (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::bigint) AS silence
     FROM projection_builds WHERE ($1::text[] IS NULL OR name = ANY ($1)) AND active`,
    [names === 'all' ? null : names],
  );
  if (standings.length < (names === 'all' ? 1 : names.length)) {
    throw new RequestError('read_model_unavailable', 'Nothing was projected yet, try again', RETRY_AFTER_MS);
  }
  const displaced = names === 'all' ? undefined : standings.find((standing) => standing.displaced !== null);
  if (displaced) throw new NotOfThisLog(displaced.name);
  return standings.map(freshnessOf).reduce((one, other) => ({
    position: one.position < other.position ? one.position : other.position,
    lagMs: Math.max(one.lagMs, other.lagMs),
  }));
};

/** A checkpoint that no event can have, or that is of another log, says nothing: its read model counts as one that has not begun, and as lagging. */
const freshnessOf = (standing: Standing): Freshness => {
  const { commit_position, prepare_position, displaced, lag_ms, silence } = standing;
  const place = displaced === null ? keptPositionOf(commit_position, prepare_position) : undefined;
  const isLagging = !place || Number(silence) > SILENCE_MS;
  const { commit, prepare } = place ?? LOG_START;
  return {
    // A checkpoint whose prepare position is the smaller lies before the event at its commit position.
    position: prepare < commit ? commit - 1n : commit,
    lagMs: Math.max(0, Number(lag_ms) + (isLagging ? Number(silence) : 0)),
  };
};

export const notCaughtUp = ({ position }: Freshness, minPosition: bigint): RequestError =>
  new RequestError(
    'not_caught_up',
    `The read model is at position ${position}, not yet at ${minPosition}`,
    RETRY_AFTER_MS,
  );

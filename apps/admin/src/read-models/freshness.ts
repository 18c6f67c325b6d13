import type { EntityManager } from 'typeorm';
import { LOG_START, keptPositionOf } from '#libs/event-store/position.js';
import { SILENCE_MS } from '#libs/projections/following/silence.js';
import { NotOfThisLog } from '#libs/projections/vouched-read-models.js';
import { RequestError } from '#libs/protocol/errors.js';

type ReadModelName = 'messages' | 'channels' | 'memberships' | 'bots' | 'presence' | 'activity';
/** `all` means every read model that exists. */
export type ReadModelNames = readonly [ReadModelName, ...ReadModelName[]] | 'all';

/** The position in the log that an answer reflects, and by how many milliseconds it may lag. */
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
 * Returns the lowest checkpoint and the highest lag of the read models that an answer is taken from.
 *
 * @throws RequestError `read_model_unavailable` while not all projections have started
 * @throws NotOfThisLog when a named read model was made from a log that was replaced
 */
export const readFreshness = async (source: EntityManager, names: ReadModelNames): Promise<Freshness> => {
  const standings = await source.query<Standing[]>(
    `SELECT name, commit_position, prepare_position, displaced, lag_ms,
       greatest(0, (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::bigint) AS silence
     FROM projection_builds WHERE ($1::text[] IS NULL OR name = ANY ($1)) AND active`,
    [names === 'all' ? null : names],
  );
  if (standings.length < (names === 'all' ? 1 : names.length)) {
    throw new RequestError(
      'read_model_unavailable',
      'Nothing has been projected yet, try again',
      RETRY_AFTER_MS,
    );
  }
  const displaced = names === 'all' ? undefined : standings.find((standing) => standing.displaced !== null);
  if (displaced) throw new NotOfThisLog(displaced.name);
  return standings.map(freshnessOf).reduce((one, other) => ({
    position: one.position < other.position ? one.position : other.position,
    lagMs: Math.max(one.lagMs, other.lagMs),
  }));
};

/**
 * Returns the freshness of one read model. A checkpoint that no event can have, or that belongs to another
 * log, is ignored: the read model counts as one that has not started, and as lagging.
 */
const freshnessOf = (standing: Standing): Freshness => {
  const { commit_position, prepare_position, displaced, lag_ms, silence } = standing;
  const place = displaced === null ? keptPositionOf(commit_position, prepare_position) : undefined;
  const isLagging = !place || Number(silence) > SILENCE_MS;
  const { commit, prepare } = place ?? LOG_START;
  return {
    // If the prepare position is lower than the commit position, the checkpoint lies before the event at its
    // commit position.
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

import type { EntityManager } from 'typeorm';
import { listProjections } from '../projections/list-projections.query.js';
import type { ProjectionItem } from '../projections/list-projections.query.js';
import { readFreshness } from '../read-models/freshness.js';
import type { Heads } from './message-rates.js';

/** The part of the state whose cost does not depend on how much has changed. */
export type Pulse = Readonly<{
  projections: readonly ProjectionItem[];
  heads: Heads;
  /** The positions that the items of the two lists reflect. */
  channelsLevel: bigint;
  botsLevel: bigint;
}>;

/**
 * Reads the pulse.
 *
 * @throws RequestError `read_model_unavailable` while not all projections have started
 */
export const readPulse = async (source: EntityManager): Promise<Pulse> => ({
  projections: (await listProjections(source, Date.now())).items,
  heads: await headsOfAll(source),
  channelsLevel: (await readFreshness(source, ['channels', 'messages'])).position,
  botsLevel: (await readFreshness(source, ['bots', 'presence'])).position,
});

/**
 * Returns the head of every channel. It costs one index lookup per channel, however many messages there are.
 */
const headsOfAll = async (source: EntityManager): Promise<Heads> => {
  const rows = await source.query<{ channel: string; seq: string | null }[]>(
    `SELECT channels.name AS channel, head.seq FROM channels
     LEFT JOIN LATERAL (
       SELECT seq FROM messages WHERE channel = channels.name ORDER BY seq DESC LIMIT 1
     ) AS head ON true`,
  );
  return new Map(rows.map(({ channel, seq }) => [channel, seq === null ? -1 : Number(seq)]));
};

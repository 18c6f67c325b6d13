import type { EntityManager } from 'typeorm';
import { listProjections } from '../projections/list-projections.query.js';
import type { ProjectionItem } from '../projections/list-projections.query.js';
import { readFreshness } from '../read-models/freshness.js';
import type { Heads } from './message-rates.js';

/** How things stand: what costs the same however much has changed. */
export type Pulse = Readonly<{
  projections: readonly ProjectionItem[];
  heads: Heads;
  /** Positions that items of the two lists reflect. */
  channelsLevel: bigint;
  botsLevel: bigint;
}>;

/** @throws RequestError `read_model_unavailable` while not all of the projections have begun */
export const readPulse = async (source: EntityManager): Promise<Pulse> => ({
  projections: (await listProjections(source, Date.now())).items,
  heads: await headsOfAll(source),
  channelsLevel: (await readFreshness(source, ['channels', 'messages'])).position,
  botsLevel: (await readFreshness(source, ['bots', 'presence'])).position,
});

/** One step into an index a channel, however many messages there are. */
const headsOfAll = async (source: EntityManager): Promise<Heads> => {
  const rows = await source.query<{ channel: string; seq: string | null }[]>(
    `SELECT channels.name AS channel, head.seq FROM channels
     LEFT JOIN LATERAL (
       SELECT seq FROM messages WHERE channel = channels.name ORDER BY seq DESC LIMIT 1
     ) AS head ON true`,
  );
  return new Map(rows.map(({ channel, seq }) => [channel, seq === null ? -1 : Number(seq)]));
};

import { Inject, Injectable } from '@nestjs/common';
import { Redactions } from '#libs/delivery/redactions.js';
import type { Redaction } from '#libs/delivery/redactions.js';
import type { BotPresence, OpenConnection } from '#libs/domain/presence/presence.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { LogFeed } from '#libs/event-store/log-feed.js';
import { LogSnapshots } from '#libs/event-store/snapshot/log-snapshots.js';
import type { SnapshotFormat } from '#libs/event-store/snapshot/log-snapshots.js';
import type { SnapshotRow } from '#libs/event-store/snapshot/snapshot-parts.js';
import { Snapshotter } from '#libs/event-store/snapshot/snapshotter.js';
import { LOGGER } from '#libs/platform/logging/logger.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { INSTANCE } from '../instance/instance.js';
import { PresenceBoard } from '../presence/presence-board.js';

/** What a gateway has learned from the whole log, except for messages and the directory. */
export type GatewayState = Readonly<{
  redactions: Iterable<Redaction>;
  presence: Iterable<readonly [bot: string, presence: BotPresence]>;
}>;

/** One row for each fact. The row of a bot comes before the rows of its connections. */
type Row =
  | readonly ['redacted', channel: string, bot: string, id: string]
  | readonly ['bot', bot: string, revision: number, since: string | null, reason: string | null]
  | readonly [
      kind: 'open',
      bot: string,
      connection: string,
      consumer: string,
      gateway: string,
      revision: number,
    ];

function* toRows({ redactions, presence }: GatewayState): Generator<Row> {
  for (const redaction of redactions) yield ['redacted', ...redaction];
  for (const [bot, { connections, revision, since, reason }] of presence) {
    yield ['bot', bot, revision, since ?? null, reason ?? null];
    for (const one of connections)
      yield ['open', bot, one.connection, one.consumer, one.gateway, one.revision];
  }
}

/** @throws TypeError when a row does not fit the ones before it, so that the snapshot cannot be one of ours */
const fromRows = (rows: readonly SnapshotRow[]): GatewayState => {
  const redactions: Redaction[] = [];
  const presence = new Map<string, BotPresence>();
  for (const row of rows as readonly Row[]) {
    switch (row[0]) {
      case 'redacted':
        redactions.push([row[1], row[2], row[3]]);
        break;
      case 'bot': {
        const [, bot, revision, since, reason] = row;
        const seen = { connections: [], revision, ...(since && { since }), ...(reason && { reason }) };
        presence.set(bot, seen);
        break;
      }
      case 'open': {
        const [, bot, connection, consumer, gateway, revision] = row;
        const open = presence.get(bot)!.connections as OpenConnection[];
        open.push({ connection, consumer, gateway, revision });
        break;
      }
      default:
        throw new TypeError('The snapshot has a row of an unknown kind');
    }
  }
  return { redactions, presence };
};

const GATEWAY_SNAPSHOTS: SnapshotFormat<GatewayState> = {
  stream: 'snapshot-gateway',
  type: 'GatewaySnapshotTaken',
  version: 1,
  toRows,
  fromRows,
};

/** Reads and writes the snapshots of a gateway's state. */
@Injectable()
export class GatewaySnapshots extends LogSnapshots<GatewayState> {
  constructor(
    @Inject(EventStore) store: EventStore,
    @Inject(INSTANCE) instance: string,
    @Inject(LOGGER) logger: Pick<Logger, 'warn'>,
  ) {
    super(store, instance, GATEWAY_SNAPSHOTS, undefined, (message) => logger.warn(message));
  }
}

/** Saves a gateway's state from time to time as the log moves on, so that the next start reads less of the log. */
@Injectable()
export class GatewaySnapshotter extends Snapshotter<GatewayState> {
  constructor(
    feed: LogFeed,
    redactions: Redactions,
    presence: PresenceBoard,
    snapshots: GatewaySnapshots,
    @Inject(LOGGER) logger: Pick<Logger, 'warn'>,
  ) {
    super(
      feed,
      () => ({ redactions, presence }),
      snapshots,
      (error) =>
        logger.warn(
          `The gateway's state could not be saved; the next start reads more of the log: ${error.message}`,
        ),
    );
  }
}

import type { Roles } from '#tools/harness/system/roles.js';
import { carryOut } from './carry-out.js';
import type { Played } from './carry-out.js';
import { judgeKilledBot } from './killed-bot/judge-killed-bot.js';
import { killABot } from './killed-bot/kill-a-bot.js';
import { judgeLostConnections } from './lost-connection/judge-lost-connections.js';
import { loseConnections } from './lost-connection/lose-connections.js';
import { judgePostgresAway } from './postgres-away/judge-postgres-away.js';
import { takePostgresAway } from './postgres-away/take-postgres-away.js';
import { judgeRestarts } from './restart/judge-restarts.js';
import { restartEverything } from './restart/restart-everything.js';
import type { Current } from './restart/restart-everything.js';
import { judgeSilence } from './silent-network/judge-silence.js';
import { loseTheNetwork } from './silent-network/lose-the-network.js';
import { stageFor } from './stage.js';
import type { Stage } from './stage.js';
import { judgeStoreAway } from './store-away/judge-store-away.js';
import { takeStoreAway } from './store-away/take-store-away.js';

export const playKilledBot = (stage: Stage): Promise<Played> =>
  carryOut(
    stage,
    'a',
    'The process of a bot was killed in the middle of a message, while posts were under way and between two posts; ' +
      'six others went on posting in its channels.',
    () => killABot(stageFor(stage, 'a')),
    judgeKilledBot,
  );

export const playSilence = (stage: Stage): Promise<Played> =>
  carryOut(
    stage,
    'b',
    'The network of one bot became a black hole while the bot sent, for new connections too, until the bot gave up after ' +
      'three attempts of 30 s. Then the network came back.',
    () => loseTheNetwork(stageFor(stage, 'b')),
    judgeSilence,
  );

export const playPostgresAway = (stage: Stage, { postgres }: Pick<Roles, 'postgres'>): Promise<Played> =>
  carryOut(
    stage,
    'c.postgres',
    'PostgreSQL was killed and stayed away for 8 s, while six bots posted and an admin read.',
    () => takePostgresAway(stageFor(stage, 'p'), postgres),
    judgePostgresAway,
  );

export const playStoreAway = (
  stage: Stage,
  { eventStore, eventStorePort }: Pick<Roles, 'eventStore' | 'eventStorePort'>,
): Promise<Played> =>
  carryOut(
    stage,
    'c.store',
    'The event store was killed and stayed away for longer than a post may wait. 140 posts came at once and 60 more ' +
      'later; the refused ones were sent again when the store was back.',
    () => takeStoreAway(stageFor(stage, 's'), { process: eventStore, port: eventStorePort }),
    judgeStoreAway,
  );

export const playLostConnections = (stage: Stage): Promise<Played> =>
  carryOut(
    stage,
    'd',
    'The WebSockets of six bots were reset three times, while others posted 200 messages a second in their channels; ' +
      "the bots came back through Socket.IO's own reconnection, with its default settings.",
    () => loseConnections(stageFor(stage, 'd')),
    judgeLostConnections,
  );

export const playRestarts = (stage: Stage, current: Current): Promise<Played> =>
  carryOut(
    stage,
    'e',
    'Every process of the system was killed at once, three times, while ten bots posted 300 messages a second; each ' +
      'time it was started again with the same command and the same data.',
    () => restartEverything(stageFor(stage, 'e'), current),
    judgeRestarts,
  );

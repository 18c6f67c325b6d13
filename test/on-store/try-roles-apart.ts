import type { Crew } from '#tools/harness/bots/crew.js';
import type { BotHistory } from '#tools/harness/checker/history.js';
import type { Role, RoleServer } from '#tools/harness/system/roles.js';
import { exportAndCompare } from './audit-export.js';
import { disturb } from './disturbed-crew.js';
import type { Findings } from './findings.js';
import { rebuildAll, untilShown } from './read-models.js';
import type { Trial } from './trial.js';
import { cutAll } from './try-all-in-one.js';

/** The processes, each with one role. Two of them are gateways. */
const PROCESSES: readonly (readonly [string, Role])[] = [
  ['gateway-1', 'gateway'],
  ['gateway-2', 'gateway'],
  ['projector', 'projector'],
  ['admin', 'admin'],
  ['audit', 'audit'],
];

/** Tries the roles as separate processes over the log that the one process left. `before` is what was posted there. */
export const tryRolesApart = async (
  trial: Trial,
  findings: Findings,
  before: readonly BotHistory[],
): Promise<void> => {
  let servers: readonly RoleServer[] = [];
  const started = await findings.tried(
    'Verbatim starts with each role in a separate process, and two gateways',
    async () => {
      servers = await Promise.all(PROCESSES.map(([name, role]) => trial.start(name, role)));
    },
  );
  if (!started) return;
  const [first, second, projector, admin, audit] = servers as [
    RoleServer,
    RoleServer,
    RoleServer,
    RoleServer,
    RoleServer,
  ];
  const crew = await disturb(trial, findings, first.api, 'apart-', [
    { what: 'Connections are cut while bots talk to roles apart', by: cutAll },
    {
      what: 'Bots send what they have sent already once more, to both gateways at once',
      by: (bots: Crew) => bots.storm(1, [first.api.url, second.api.url]),
    },
    { what: 'A gateway is killed (kill -9) while its bots talk, and started again', by: () => again(first) },
    {
      what: 'The projector is killed (kill -9) while bots talk, and started again',
      by: () => again(projector),
    },
  ]);
  if (!crew) return;
  await findings.tried('Read models of separate roles show the newest message of every channel', () =>
    untilShown(admin.api, crew.highestAnswered()),
  );
  await findings.tried('Every read model is rebuilt by the projector, with the same rows as before', () =>
    rebuildAll(admin.api),
  );
  await findings.tried('An audit export contains exactly what was posted, now and before', () =>
    exportAndCompare(trial, audit, [...before, ...crew.histories]),
  );
};

const again = async ({ process }: RoleServer): Promise<void> => {
  await process.kill();
  await process.start(60_000);
};

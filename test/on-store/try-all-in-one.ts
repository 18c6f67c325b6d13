import type { Crew } from '#tools/harness/bots/crew.js';
import type { RoleServer } from '#tools/harness/system/roles.js';
import { exportAndCompare } from './audit-export.js';
import { disturb } from './disturbed-crew.js';
import type { Findings } from './findings.js';
import { rebuildAll, untilShown } from './read-models.js';
import type { Trial } from './trial.js';

/** Tries Verbatim as one process with all roles. @returns the bots and what they saw, if the trial came that far */
export const tryAllInOne = async (trial: Trial, findings: Findings): Promise<Crew | undefined> => {
  let server: RoleServer | undefined;
  const started = await findings.tried(
    'Verbatim starts on these stores, all roles in one process',
    async () => {
      server = await trial.start('whole');
    },
  );
  if (!started || !server) return undefined;
  const { api, process } = server;
  await findings.tried('Every read model is rebuilt while the log holds nothing for most of them', () =>
    rebuildAll(api),
  );
  const crew = await disturb(trial, findings, api, 'whole-', [
    { what: 'Connections are cut while bots talk: they come back and get what they missed', by: cutAll },
    {
      what: 'Verbatim is killed (kill -9) while bots talk, and started again',
      by: async () => {
        await process.kill();
        await process.start(60_000);
      },
    },
  ]);
  if (!crew) return undefined;
  await findings.tried('Read models show the newest message of every channel', () =>
    untilShown(api, crew.highestAnswered()),
  );
  await findings.tried('Every read model is rebuilt from the log, with the same rows as before', () =>
    rebuildAll(api),
  );
  await findings.tried('An audit export contains exactly what was posted', () =>
    exportAndCompare(trial, server!, crew.histories),
  );
  await findings.tried('Verbatim stops in order', async () => {
    const { code } = await process.terminate();
    if (code !== 0) throw new Error(`the process ended with exit code ${code}`);
  });
  return crew;
};

/** Cuts every bot's connection, as a network that breaks does. */
export const cutAll = (crew: Crew): void => {
  for (const bot of crew.bots) bot.cut();
};

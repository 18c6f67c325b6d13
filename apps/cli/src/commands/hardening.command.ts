import { Command } from 'commander';
import { loadSettings } from '#libs/platform/config/settings.js';
import type { HardeningOptions } from '#apps/hardening/src/run/hardening-options.js';
import { CommandFailed } from '../command-failed.js';
import { adminKey } from '../client/key-source.js';
import { serverUrl } from '../client/server-url.js';

type Options = {
  minutes: string;
  url?: string;
  key?: string;
  only?: string;
  plant?: string;
  out: string;
  json?: boolean;
};

/** `verbatim hardening`: certifies a Verbatim, and writes a report of it. Exit code 1 if a target was missed. */
export const hardeningCommand = (setExitCode: (code: number) => void): Command =>
  new Command('hardening')
    .description(
      'put a Verbatim under load and faults, measure, and write a report; exit code 1 if a target is missed',
    )
    .option('--minutes <minutes>', 'how long the load lasts, and the soak', '30')
    .option('--url <url>', 'a server that runs already (default: one is started for each phase)')
    .option('--key <key>', 'an admin’s key of that server (default: VERBATIM_KEY)')
    .option('--only <phases>', 'some of load, faults, edges, soak, capacity')
    .option('--out <dir>', 'where the report goes', 'hardening-report')
    .option('--plant <faults>', 'plant faults, to see the run fail; `--plant list` names them')
    .option('--json', 'say what goes on as lines of JSON')
    .action(async (options: Options) => {
      // Loaded when wanted: the other commands need none of it.
      const { certify, listPlants } = await import('#apps/hardening/src/run/certify.js');
      const json = options.json ?? false;
      if (options.plant === 'list') listPlants((line) => process.stdout.write(`${line}\n`));
      else
        setExitCode(await certify(await parse(options), { json, terminal: process.stderr.isTTY && !json }));
    });

const parse = async ({ minutes, url, key, only, plant, out }: Options): Promise<HardeningOptions> => {
  const { InvalidOption, parseMinutes, parsePhases, parsePlants } =
    await import('#apps/hardening/src/run/hardening-options.js');
  try {
    const planted = parsePlants(plant);
    const chosen = { minutes: parseMinutes(minutes), phases: parsePhases(only), out, planted };
    if (url === undefined) return chosen;
    if (planted.size > 0)
      throw new CommandFailed('--plant is for servers that are started for the run, not for one at --url');
    const settings = loadSettings(process.env);
    return { ...chosen, server: { url: serverUrl(url, settings), adminKey: adminKey(key, settings) } };
  } catch (error) {
    if (error instanceof InvalidOption) throw new CommandFailed(error.message);
    throw error;
  }
};

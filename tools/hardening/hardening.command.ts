import { Command } from 'commander';
import { loadSettings } from '#libs/platform/config/settings.js';
import { PLANTS, type Plant } from './planting/plants.js';
import { PHASES, type PhaseName } from './report/hardening-report.js';
import { parseMinutes, parsePhases, parsePlants, type HardeningOptions } from './run/hardening-options.js';
import { certify } from './run/certify.js';
import { CommandFailed } from '#apps/cli/src/command-failed.js';
import { adminKey } from '#apps/cli/src/client/key-source.js';
import { serverUrl } from '#apps/cli/src/client/server-url.js';

type Options = Readonly<{
  minutes: number;
  url?: string;
  keyFile?: string;
  only: readonly PhaseName[];
  plant: ReadonlySet<Plant>;
  out: string;
  json?: boolean;
}>;

const PLANTS_HELP = `\nFaults that can be planted:\n${Object.entries(PLANTS)
  .map(([name, what]) => `  ${name.padEnd(18)} ${what}`)
  .join('\n')}`;

/** The command `verbatim hardening`: certifies a Verbatim and writes a report. Exit code 1 if a target was missed. */
export const hardeningTool = (setExitCode: (code: number) => void): Command =>
  new Command('verbatim hardening')
    .description(
      'put a Verbatim under load and faults, measure, and write a report; exit code 1 if a target is missed',
    )
    .option('--minutes <minutes>', 'how long the load and the soak each last', parseMinutes, 30)
    .option('--url <url>', 'a server that is already running (default: one is started for each phase)')
    .option(
      '--key-file <file>',
      'file with an admin’s key of that server, - for standard input (default: VERBATIM_KEY)',
    )
    .option('--only <phases>', `phases to run, out of ${PHASES.join(', ')}`, parsePhases, PHASES)
    .option('--out <dir>', 'folder for the report', 'hardening-report')
    .option('--plant <faults>', 'plant faults, to see the run fail', parsePlants, new Set<Plant>())
    .option('--json', 'print progress as lines of JSON')
    .addHelpText('after', PLANTS_HELP)
    .action(async ({ json = false, ...options }: Options) => {
      const checked = check(options);
      setExitCode(await certify(checked, { json, terminal: process.stderr.isTTY && !json }));
    });

/** @throws CommandFailed */
const check = ({ minutes, url, keyFile, only, plant, out }: Options): HardeningOptions => {
  const chosen = { minutes, phases: only, out, planted: plant };
  if (url === undefined) return chosen;
  if (plant.size > 0)
    throw new CommandFailed('--plant works only with servers that are started for the run, not with --url');
  const settings = loadSettings(process.env);
  return { ...chosen, server: { url: serverUrl(url, settings), adminKey: adminKey(keyFile, settings) } };
};

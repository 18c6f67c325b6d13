import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BotHistory } from '#tools/harness/checker/history.js';
import { environmentFor } from '#tools/harness/system/home.js';
import type { RoleServer } from '#tools/harness/system/roles.js';
import { runVerbatim } from '#tools/harness/system/verbatim.js';
import type { Trial } from './trial.js';

type Line = Readonly<{ stream: string; revision: number; data: { id: string; body: string } }>;

/**
 * Exports all messages by the command line, as an auditor does, and compares them with what bots received.
 * @throws Error naming what differs
 */
export const exportAndCompare = async (
  { folder }: Trial,
  { api, port }: RoleServer,
  histories: readonly BotHistory[],
): Promise<void> => {
  const out = join(folder, `export-${port}.ndjson`);
  const running = runVerbatim(
    ['audit', 'export', '--type', 'MessagePosted', '--format', 'ndjson', '--out', out, '--json'],
    environmentFor({ dataDir: folder, port }, { VERBATIM_URL: api.url, VERBATIM_KEY: api.adminKey }),
  );
  const { code } = await running.exitWithin(60_000);
  await running.gone();
  if (code !== 0) throw new Error(running.output().trim());
  const lines = (await readFile(out, 'utf8')).split('\n').filter(Boolean);
  compare(
    lines.map((line) => JSON.parse(line) as Line),
    histories,
  );
};

const compare = (exported: readonly Line[], histories: readonly BotHistory[]): void => {
  const steps = histories.flatMap((history) => history.steps);
  const bodies = new Map(steps.flatMap((step) => (step.type === 'posting' ? [[step.id, step.body]] : [])));
  const places = new Map(
    steps.flatMap((step) =>
      step.type === 'answered' ? [[step.id, `messages-${step.channel} ${step.seq}`]] : [],
    ),
  );
  const found = new Map(
    exported.map(({ stream, revision, data }) => [
      data.id,
      { place: `${stream} ${revision}`, body: data.body },
    ]),
  );
  if (places.size === 0) throw new Error('nothing was posted');
  if (exported.length !== found.size)
    throw new Error(`${exported.length - found.size} messages are exported twice`);
  for (const [id, place] of places) {
    const line = found.get(id);
    if (line === undefined) throw new Error(`the message acknowledged as ${place} is missing`);
    if (line.place !== place) throw new Error(`the message acknowledged as ${place} is at ${line.place}`);
    if (line.body !== bodies.get(id)) throw new Error(`the text of ${place} differs from what was posted`);
  }
  if (found.size > places.size)
    throw new Error(`${found.size - places.size} messages are exported whose posts got no answer`);
};

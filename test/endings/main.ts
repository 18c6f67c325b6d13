import { readFile, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startVerbatim } from '#tools/harness/system/verbatim.js';
import { allClients } from './client-kinds.js';
import type { ClientKind } from './client-process.js';
import { ENDINGS } from './endings.js';
import { endingsTable, withNewRows, type Matrix } from './endings-table.js';
import { Stage } from './stage.js';
import { tryEnding, type Outcome } from './try-ending.js';

const USAGE = `npm run endings -- [--only <words>] [--clients <words>] [--write]

  Ends connections in every way there is, with each client library, and looks what the client does by itself.
  Fetches old versions from npm, and needs Debian's python3-socketio and python3-websocket. --only takes the endings with these words in their name,
  --clients the clients; --write puts the rows into the table of docs/protocol/v1.md. Exit code 1 if a client does other than it should.`;

const PAGE = 'docs/protocol/v1.md';
const BEGIN = '<!-- endings: begin -->';
const END = '<!-- endings: end -->';
/** Long, because a busy machine starts slowly. */
const READY_MS = 120_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    clients: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const tryAll = async (kinds: readonly ClientKind[]): Promise<Matrix> => {
  const stage = await Stage.set(await startVerbatim({ readyMs: READY_MS }));
  const matrix = new Map<string, Outcome[]>();
  try {
    for (const ending of ENDINGS.filter(({ name }) => name.includes(values.only))) {
      const outcomes = await tryEnding(ending, stage, kinds);
      matrix.set(ending.name, outcomes);
      for (const { client, did, seconds } of outcomes) say(`${ending.name}: ${client}: ${did}, ${seconds} s`);
    }
  } finally {
    await stage.verbatim.remove();
  }
  return matrix;
};

const write = async (table: string): Promise<void> => {
  const page = await readFile(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const [written, after] = rest?.split(END) ?? [];
  if (written === undefined || after === undefined) throw new Error(`${PAGE} has no place for the table`);
  await writeFile(PAGE, `${before}${BEGIN}\n\n${withNewRows(written.trim(), table)}\n\n${END}${after}`);
};

const run = async (): Promise<boolean> => {
  const { kinds, folder } = await allClients();
  try {
    const matrix = await tryAll(kinds.filter(({ name }) => name.includes(values.clients)));
    const table = endingsTable(matrix);
    say(`\n${table}`);
    if (values.write) await write(table);
    return [...matrix.values()].flat().every(({ isAsExpected }) => isAsExpected);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

if (values.help) say(USAGE);
else process.exitCode = (await run()) ? 0 : 1;

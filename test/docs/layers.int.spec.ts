import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONFIG = '.dependency-cruiser.cjs';
const FLOORS_CONFIG = '.dependency-cruiser.floors.cjs';
const require = createRequire(import.meta.url);
const floors = require(join(ROOT, FLOORS_CONFIG)) as Readonly<Record<string, readonly string[]>>;
const { forbidden } = require(join(ROOT, CONFIG)) as { forbidden: readonly { name: string }[] };

type Plant = Readonly<{ from: string; to: string }>;

/** An import from each folder of a place to the one above it. */
const UPWARDS = Object.entries(floors).flatMap(([place, folders]) =>
  folders.slice(0, -1).map((folder, floor): [string, Plant] => {
    const to = `../${folders[floor + 1]}/target.js`;
    return [`nothing-above/${place}/${folder}`, { from: `${place}/${folder}/upwards.ts`, to }];
  }),
);

/** One import for each rule that it forbids, as code would have it. */
const PLANTS: Readonly<Record<string, Plant>> = {
  ...Object.fromEntries(UPWARDS),
  'no-circular': { from: 'libs/domain/egg.ts', to: './hen.js' },
  'domain-is-pure': { from: 'libs/domain/impure.ts', to: '#libs/protocol/target.js' },
  'audit-log-is-pure': { from: 'libs/audit-log/impure.ts', to: 'node:fs' },
  'libs-do-not-know-apps': { from: 'libs/delivery/upwards.ts', to: '#apps/gateway/src/target.js' },
  'protocol-knows-only-domain': { from: 'libs/protocol/sideways.ts', to: '#libs/delivery/target.js' },
  'one-importer-of-the-client': { from: 'libs/directory/client.ts', to: '@eventstore/db-client' },
  'embedded-store-stands-alone': {
    from: 'libs/embedded-event-store/leaning.ts',
    to: '#libs/platform/target.js',
  },
  'roles-do-not-know-each-other': { from: 'apps/gateway/src/across.ts', to: '#apps/admin/src/target.js' },
  'platform-knows-only-protocol': { from: 'libs/platform/upwards.ts', to: '#libs/event-store/target.js' },
  'time-knows-nobody': { from: 'libs/time/upwards.ts', to: '#libs/platform/target.js' },
  'production-does-not-certify': { from: 'apps/projector/src/certify.ts', to: '#tools/harness/target.js' },
  'product-does-not-import-tests': { from: 'libs/access-trail/tested.ts', to: '#test/support/target.js' },
};

/** Returns the file that an import leads to, if it is one of ours. */
const targetOf = ({ from, to }: Plant): string | undefined => {
  if (to.startsWith('#')) return `${to.slice(1, -3)}.ts`;
  return to.startsWith('.') ? join(dirname(from), `${to.slice(0, -3)}.ts`) : undefined;
};

type Found = Readonly<{ rule: { name: string }; from: string }>;

describe('the rules on imports between layers', () => {
  let folder: string;
  let found: readonly Found[];

  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verbatim-test-layers-'));
    for (const file of [CONFIG, FLOORS_CONFIG, 'package.json', 'tsconfig.json'])
      await cp(join(ROOT, file), join(folder, file));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const plant of Object.values(PLANTS)) {
      const target = targetOf(plant);
      if (target) await write(target, 'export const target = 1;\n');
    }
    await write('libs/domain/hen.ts', "export * from './egg.js';\n");
    for (const { from, to } of Object.values(PLANTS)) await write(from, `export * from '${to}';\n`);
    found = await cruise();
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const cruise = async (): Promise<readonly Found[]> => {
    const command = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const options = ['--config', CONFIG, '--output-type', 'json', 'apps', 'libs', 'tools', 'test'];
    const { stdout } = await promisify(execFile)(process.execPath, [command, ...options], { cwd: folder });
    return (JSON.parse(stdout) as { summary: { violations: Found[] } }).summary.violations;
  };

  it('each have an import in this spec that breaks them', () => {
    expect(Object.keys(PLANTS).toSorted()).toEqual(forbidden.map(({ name }) => name).toSorted());
  });

  it.each(Object.entries(floors))('know every folder of %s', async (place, folders) => {
    const entries = await readdir(join(ROOT, place), { withFileTypes: true });
    const there = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.toSorted()).toEqual(there.toSorted());
  });

  it.each(Object.entries(PLANTS))('refuse it: %s', (name, { from }) => {
    expect(found.filter(({ rule }) => rule.name === name).map((violation) => violation.from)).toContain(from);
  });
});

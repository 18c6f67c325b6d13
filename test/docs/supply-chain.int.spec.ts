import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

type Lock = {
  packages: Record<
    string,
    { version?: string; license?: string; hasInstallScript?: true; resolved?: string }
  >;
};
type Manifest = Record<'dependencies' | 'devDependencies' | 'overrides', Record<string, string>> & {
  allowScripts: Record<string, boolean>;
};

let dir: string;
let lock: Lock;
let manifest: Manifest;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'verbatim-test-licences-'));
  lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Runs `npm run licences` on a lock file. */
const licences = async (of: Lock) => {
  const file = join(dir, 'package-lock.json');
  await writeFile(file, JSON.stringify(of));
  return run(process.execPath, [join(ROOT, 'ops/supply-chain/licences.mjs'), file]);
};

describe('installed packages', () => {
  it('have the exact versions of the lock file', () => {
    const named = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(named))
      expect(`${name}@${version}`).toBe(`${name}@${lock.packages[`node_modules/${name}`]?.version}`);
    for (const version of Object.values(manifest.overrides)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('include one copy of each part of Socket.IO whose internals are used, in an exact version', () => {
    for (const name of ['socket.io', 'engine.io', 'socket.io-parser', 'socket.io-adapter']) {
      const copies = Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
      const exact = manifest.dependencies[name] ?? manifest.overrides[name];
      expect({ name, copies: copies.map(([path, { version }]) => `${path}@${version}`) }).toEqual({
        name,
        copies: [`node_modules/${name}@${exact}`],
      });
    }
  });

  it('are locked without a download address, because each installation has its own', () => {
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('run a script at installation only if it is allowed by name', async () => {
    const scripts = Object.entries(lock.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect([...new Set(scripts)].toSorted()).toEqual(Object.keys(manifest.allowScripts).toSorted());
    expect(await readFile(join(ROOT, '.npmrc'), 'utf8')).toContain('strict-allow-scripts=true');
  });

  it('have allowed licences, and one that is not allowed fails', async () => {
    expect((await licences(lock)).stdout).toContain('MIT');
    const of = (license: string): Lock => ({
      packages: { ...lock.packages, 'node_modules/made-up': { version: '1.0.0', license } },
    });
    await expect(licences(of('GPL-3.0-only'))).rejects.toMatchObject({
      code: 1,
      stderr: 'Not allowed: GPL-3.0-only (made-up@1.0.0)\n',
    });
    await expect(licences(of('MIT AND GPL-3.0-only'))).rejects.toMatchObject({ code: 1 });
    await expect(licences(of('(MIT OR GPL-3.0-only)'))).resolves.toBeDefined();
  });

  it('are listed as CycloneDX by a command', async () => {
    const options = { cwd: ROOT, maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' };
    const { stdout } = await run('npm', ['run', '--silent', 'sbom'], options);
    const bom = JSON.parse(stdout) as { bomFormat: string; components: { name: string; version: string }[] };
    expect(bom.bomFormat).toBe('CycloneDX');
    const names = bom.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['socket.io', 'engine.io', 'helmet', 'typeorm']));
    for (const name of ['vitest', 'oxlint', 'prettier']) expect(names).not.toContain(name);
  });
});

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

type Project = Readonly<{ type: string; root: string; sourceRoot: string; entryFile?: string }>;
const { projects } = JSON.parse(readFileSync(join(ROOT, 'nest-cli.json'), 'utf8')) as {
  projects: Readonly<Record<string, Project>>;
};

describe('the projects of the Nest CLI', () => {
  it('are all folders of apps, libs and tools', () => {
    const folders = ['apps', 'libs', 'tools'].flatMap((parent) =>
      readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`),
    );
    expect(Object.values(projects).map(({ root }) => root)).toEqual(expect.arrayContaining(folders));
    for (const { root, sourceRoot } of Object.values(projects)) {
      expect(folders).toContain(root);
      expect(existsSync(join(ROOT, sourceRoot))).toBe(true);
    }
  });

  it('have an entry file each that runs', () => {
    for (const [name, { type, sourceRoot, entryFile }] of Object.entries(projects)) {
      if (type !== 'application') continue;
      const files = [join(sourceRoot, `${entryFile}.ts`), `${entryFile}.ts`];
      expect({ name, runs: files.some((file) => existsSync(join(ROOT, file))) }).toEqual({
        name,
        runs: true,
      });
    }
  });
});

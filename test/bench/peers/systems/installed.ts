import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Returns why a program cannot be run, with the package that has it; undefined if it can. */
export const whyNotInstalled = (program: string, debianPackage: string): string | undefined => {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error === undefined ? undefined : `${program} is not installed (Debian: ${debianPackage})`;
};

/** Returns the version that a program says it has. */
export const versionOfProgram = (program: string): string => {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(said)?.[0] ?? said.trim();
};

/** Returns the version of a package in node_modules. The benchmarks run where package.json is. */
export const versionOfPackage = (name: string): string =>
  (JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string }).version;

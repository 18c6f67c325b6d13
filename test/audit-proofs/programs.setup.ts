import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const SOURCES = ['check.go', 'cosigner.go'].map((name) => join(import.meta.dirname, 'go', name));
/** Where Debian installs packages of Go. Nothing is fetched from elsewhere. */
const DEBIAN = '/usr/share/gocode';

declare module 'vitest' {
  export interface ProvidedContext {
    goCheck: string;
  }
}

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
/** The process that is killed. The build must be there already. */
const AUDIT_PROCESS = 'test/audit-proofs/kills/audit-process.ts';

/** Builds the programs that the specs start, once for all of them. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-go-'));
  const program = join(folder, 'check');
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: DEBIAN,
    GOPROXY: 'off',
    GOCACHE: join(folder, 'cache'),
  };
  await run(
    process.execPath,
    ['node_modules/@swc/cli/bin/swc.js', AUDIT_PROCESS, '--out-dir', 'dist', '--quiet'],
    {
      cwd: ROOT,
    },
  );
  await run('go', ['build', '-o', program, ...SOURCES], { env });
  project.provide('goCheck', program);
  return () => rm(folder, { recursive: true, force: true });
};

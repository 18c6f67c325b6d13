import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const SOURCE = join(import.meta.dirname, 'go/check.go');
/** Where Debian installs packages of Go. Nothing is fetched from elsewhere. */
const DEBIAN = '/usr/share/gocode';

declare module 'vitest' {
  export interface ProvidedContext {
    goCheck: string;
  }
}

/** Builds the program in Go, once for all specs. */
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
  await promisify(execFile)('go', ['build', '-o', program, SOURCE], { env });
  project.provide('goCheck', program);
  return () => rm(folder, { recursive: true, force: true });
};

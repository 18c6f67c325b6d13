import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/** The file whose functions bound how long an end may take. */
const ENDS = 'libs/platform/sockets/engine-connection.ts';
/** Matches Engine.IO's own way to close a connection: it waits 20 to 30 seconds for a peer that is silent. */
const UNBOUNDED = /\b(?:conn|connection|connectionOf\(\w+\))\.close\(/;

it('no connection is closed in a way that waits for its peer', () => {
  const files = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => `${folder}/${file}`),
  );
  const found = files.filter((file) => UNBOUNDED.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(found).toEqual([ENDS]);
});

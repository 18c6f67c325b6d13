import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NODE_OPTIONS } from './node-options.js';

const ROOT = join(import.meta.dirname, '../../..');

it.each(['package.json', 'docker/Dockerfile'])(
  '%s starts Verbatim with the options that tests use',
  (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const start = text.split('\n').find((line) => /main\.js.*start"/.test(line))!;
    expect(start.match(/--[\w=-]+/g)).toEqual(NODE_OPTIONS);
  },
);

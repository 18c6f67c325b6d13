import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { envExample } from './env-example.js';

it('.env.example says exactly what the table of settings says', async () => {
  const file = await readFile(new URL('../../../.env.example', import.meta.url), 'utf8');
  expect(file).toBe(envExample());
});

import { expect, it } from 'vitest';
import { Cleanup } from './cleanup.js';

it('runs the newest task first, each once, and the others even when one fails', async () => {
  const ended: string[] = [];
  const cleanup = new Cleanup();
  cleanup.add(async () => void ended.push('first'));
  cleanup.add(() => Promise.reject(new Error('stuck')));
  cleanup.add(async () => void ended.push('last'));
  await expect(cleanup.run()).rejects.toThrow('stuck');
  await cleanup.run();
  expect(ended).toEqual(['last', 'first']);
});

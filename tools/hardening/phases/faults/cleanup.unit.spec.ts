import { expect, it } from 'vitest';
import { Cleanup } from './cleanup.js';

it('runs the newest task first, each once, and the others even when one fails', async () => {
  const ended: string[] = [];
  const cleanup = new Cleanup();
  cleanup.addTask(async () => void ended.push('first'));
  cleanup.addTask(() => Promise.reject(new Error('stuck')));
  cleanup.addTask(async () => void ended.push('last'));
  await expect(cleanup.runTasks()).rejects.toThrow('stuck');
  await cleanup.runTasks();
  expect(ended).toEqual(['last', 'first']);
});

import { describe, expect, it } from 'vitest';
import { SaidBefore } from './said-before.js';

const deferred = () => {
  let settle!: { resolve: () => void; reject: (error: Error) => void };
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
};

describe('an earlier request', () => {
  it('is waited for, whether it was accepted or refused, but later requests are not', async () => {
    const said = new SaidBefore();
    const [first, second, later] = [deferred(), deferred(), deferred()];
    const order: string[] = [];
    void said.trackMessage('ops', first.promise).then(() => order.push('first'));
    said.trackMessage('ops', second.promise).catch(() => order.push('second'));
    const done = said.waitForMessages('ops').then(() => order.push('done'));
    void said.trackMessage('ops', later.promise);
    second.reject(new Error('refused'));
    await Promise.resolve();
    first.resolve();
    await done;
    expect(order).toEqual(['second', 'first', 'done']);
  });

  it('does not matter in another channel', async () => {
    const said = new SaidBefore();
    void said.trackMessage('ops', deferred().promise);
    await said.waitForMessages('dev');
  });
});

import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

const never = new AbortController().signal;
/** Long enough for everything that needs only promises. */
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const asked = (turns: Turns, signal = never) => {
  const one = { has: false, giveBack: () => undefined as void };
  void turns.takeTurn(signal).then((giveBack) => Object.assign(one, { has: true, giveBack }));
  return one;
};

describe('turns', () => {
  it('are taken one at a time, in the order of asking', async () => {
    const turns = new Turns();
    const [first, second, third] = [asked(turns), asked(turns), asked(turns)];
    await soon();
    expect([first.has, second.has, third.has]).toEqual([true, false, false]);
    first.giveBack();
    await soon();
    expect([second.has, third.has]).toEqual([true, false]);
    second.giveBack();
    await soon();
    expect(third.has).toBe(true);
  });

  it('are not waited for any longer once called off, and nobody is let past because of that', async () => {
    const turns = new Turns();
    const off = new AbortController();
    const [first, second, third] = [asked(turns), asked(turns, off.signal), asked(turns)];
    await soon();
    off.abort();
    await soon();
    expect(second.has).toBe(true);
    second.giveBack();
    await soon();
    expect(third.has).toBe(false);
    first.giveBack();
    await soon();
    expect(third.has).toBe(true);
  });

  it('are granted at once to a caller that was called off before', async () => {
    const turns = new Turns();
    asked(turns);
    const late = asked(turns, AbortSignal.abort());
    await soon();
    expect(late.has).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { OpenReplays } from './open-replays.js';

describe('the following replays of a key', () => {
  it('start only at a limited rate, because each resets a stream at the store', () => {
    const replays = new OpenReplays();
    const begin = (key: string, follow = true): void => replays.openReplay(key, { follow }).leave();
    for (let n = 0; n < 64; n += 1) begin('hasty');
    expect(() => begin('hasty')).toThrow('starts more than 5 following replays a second');
    expect(() => begin('another')).not.toThrow();
    expect(() => begin('hasty', false)).not.toThrow();
  });
});

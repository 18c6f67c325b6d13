import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { PeopleLimits } from './people-limits.js';

const enter = (limits: PeopleLimits, keyId: string): EventEmitter => {
  const answer = Object.assign(new EventEmitter(), { closed: false });
  limits.beginRequest(keyId, answer);
  return answer;
};

describe('what people may ask over HTTP', () => {
  it('is a burst, then a rate, for each key by itself', () => {
    let now = 0;
    const limits = new PeopleLimits({ rate: 10, burst: 3 }, () => now);
    for (let n = 0; n < 3; n += 1) enter(limits, 'anna').emit('close');
    expect(() => enter(limits, 'anna')).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterMs: 100 }) as Error,
    );
    expect(() => enter(limits, 'bert')).not.toThrow();
    now = 100;
    expect(() => enter(limits, 'anna')).not.toThrow();
  });

  it('is 64 requests of a key in progress, and more once their answers are sent', () => {
    const limits = new PeopleLimits({ rate: 1_000, burst: 1_000 });
    const answers = Array.from({ length: 64 }, () => enter(limits, 'anna'));
    expect(() => enter(limits, 'anna')).toThrow('64 requests under way');
    expect(() => enter(limits, 'bert')).not.toThrow();
    answers[0]!.emit('close');
    expect(() => enter(limits, 'anna')).not.toThrow();
  });

  it('is not used up by clients that hung up before they were counted', () => {
    const limits = new PeopleLimits({ rate: 1_000, burst: 1_000 });
    for (let n = 0; n < 65; n += 1) limits.beginRequest('anna', { closed: true, once: () => undefined });
    expect(() => enter(limits, 'anna')).not.toThrow();
  });
});

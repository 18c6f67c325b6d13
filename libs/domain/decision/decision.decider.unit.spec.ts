import { describe, expect, it } from 'vitest';
import { decideSetAside } from './decision.decider.js';
import type { SetEventAside } from './decision.decider.js';

const setAside = (over: Partial<SetEventAside> = {}): SetEventAside => ({
  type: 'SetEventAside',
  stream: 'messages-ops',
  revision: 3,
  reason: 'appended by a script',
  keyId: 'abcd2345',
  ...over,
});

const decided = (...places: readonly string[]) => ({
  has: (stream: string, revision: number) => places.includes(`${stream}@${revision}`),
});

describe('setting an event aside', () => {
  it('says which event, why, and by which key', () => {
    expect(decideSetAside(setAside(), decided())).toEqual([
      {
        type: 'EventSetAside',
        data: { stream: 'messages-ops', revision: 3, reason: 'appended by a script', keyId: 'abcd2345' },
      },
    ]);
  });

  it('happens only once for each event, whoever asks again', () => {
    const before = decided('messages-ops@3');
    expect(decideSetAside(setAside({ reason: 'another', keyId: 'other' }), before)).toEqual([]);
    expect(decideSetAside(setAside({ revision: 4 }), before)).toHaveLength(1);
    expect(decideSetAside(setAside({ stream: 'messages-op' }), before)).toHaveLength(1);
  });
});

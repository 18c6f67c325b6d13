import { describe, expect, it } from 'vitest';
import { STANDARD_USERS, startEvents, type NodeStart } from './start-events.js';

const FIRST: NodeStart = {
  at: new Date(0),
  epoch: 0,
  position: 256,
  previousPosition: -1,
  epochId: 'epoch',
  instanceId: 'instance',
  missingUsers: [],
};

describe('the events that a node writes when it becomes the leader', () => {
  it('are an epoch, with the fields that the real server writes', () => {
    const [epoch, ...rest] = startEvents(FIRST);
    expect(rest).toEqual([]);
    expect(epoch).toMatchObject({ stream: '$epoch-information', type: '$epoch-information', isJson: true });
    expect(JSON.parse(epoch!.data)).toEqual({
      epochPosition: 256,
      epochId: 'epoch',
      prevEpochPosition: -1,
      timeStamp: '1970-01-01T00:00:00.000Z',
      leaderInstanceId: 'instance',
    });
    const [later] = startEvents({ ...FIRST, epoch: 3, position: 900, previousPosition: 500 });
    expect(JSON.parse(later!.data)).toMatchObject({
      epochNumber: 3,
      epochPosition: 900,
      prevEpochPosition: 500,
    });
  });

  it('are, for each missing user, an access list, the user, and an entry in the list of users', () => {
    const events = startEvents({ ...FIRST, missingUsers: STANDARD_USERS }).slice(1);
    expect(events.map(({ stream, type, isJson }) => [stream, type, isJson])).toEqual([
      ['$$$user-admin', '$metadata', true],
      ['$user-admin', '$UserCreated', true],
      ['$users', '$User', false],
      ['$$$user-ops', '$metadata', true],
      ['$user-ops', '$UserCreated', true],
      ['$users', '$User', false],
    ]);
    expect(events[2]!.data).toBe('admin'); // not JSON: a reader that parses every event fails here, as in production
  });
});

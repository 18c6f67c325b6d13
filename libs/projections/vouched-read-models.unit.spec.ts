import { describe, expect, it } from 'vitest';
import { landmarkToText } from '#libs/event-store/continuity/landmark.js';
import { positionOf } from '#libs/event-store/position.js';
import { NotOfThisLog, VouchedReadModels } from './vouched-read-models.js';

const landmark = { position: positionOf(7n, 7n)!, stream: 'messages-a', revision: 0, eventId: 'id', at: 1 };
const STANDING = {
  name: 'messages',
  commit_position: '7',
  prepare_position: '7',
  landmark: landmarkToText(landmark),
  displaced: null as string | null,
};

const setUp = () => {
  const log = {
    isTheSame: true,
    looks: 0,
    continuity: { confirmations: 0 },
    holds: async () => {
      log.looks += 1;
      return log.isTheSame;
    },
    landmarkAt: async () => undefined,
  };
  const vouched = new VouchedReadModels(log);
  return {
    log,
    require: (standing = STANDING) => vouched.requireSameLog(['messages'], async () => [standing]),
  };
};

describe('a read model', () => {
  it('is compared with the log once, and again after each loss of the log', async () => {
    const { log, require } = setUp();
    await require();
    log.isTheSame = false;
    await expect(require()).resolves.toBeUndefined();
    expect(log.looks).toBe(1);
    log.continuity.confirmations += 1;
    await expect(require()).rejects.toThrow(NotOfThisLog);
    log.isTheSame = true;
    await expect(require()).resolves.toBeUndefined();
  });

  it('that was displaced is of another log, even if the event at its place is there by chance', async () => {
    await expect(setUp().require({ ...STANDING, displaced: 'it is of another log' })).rejects.toThrow(
      NotOfThisLog,
    );
  });
});

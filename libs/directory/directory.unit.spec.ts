import { describe, expect, it } from 'vitest';
import { noOperatorKeys } from '#libs/domain/access/access.decider.js';
import { RequestError } from '#libs/protocol/errors.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { recordedEvent } from '../../test/support/recorded-event.js';
import { Directory } from './directory.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';

const key = issueKey({ role: 'bot', bot: 'ada' });
const adminKey = issueKey({ role: 'admin' });

const ada = [
  recordedEvent('bot-ada', 0, 'BotRegistered', { bot: 'ada' }),
  recordedEvent('bot-ada', 1, 'KeyIssued', { bot: 'ada', keyId: key.keyId, hash: key.hash }),
];
const ops = [
  recordedEvent('channel-ops', 0, 'ChannelOpened', { channel: 'ops', visibility: 'public' }),
  recordedEvent('channel-ops', 1, 'BotJoined', { channel: 'ops', bot: 'ada', from: -1 }),
];

/** Returns the decision that sets an event of bot ada aside. */
const decision = (revision: number, about: number) =>
  recordedEvent('decisions-events', revision, 'EventSetAside', {
    stream: 'bot-ada',
    revision: about,
    reason: 'r',
    keyId: 'k',
  });

const directoryOf = (...events: RecordedEvent[]): Directory => {
  const directory = new Directory();
  for (const event of events) directory.apply(event);
  return directory;
};

describe('the directory', () => {
  it('knows bots, channels and members', () => {
    const directory = directoryOf(...ada, ...ops);
    expect(directory.bot('ada')).toMatchObject({
      status: 'active',
      keys: { [key.keyId]: { hash: key.hash } },
    });
    expect(directory.channel('ops')).toMatchObject({ status: 'open', visibility: 'public' });
    expect(directory.members('ops')).toEqual(['ada']);
    expect(directory.channelsOf('ada')).toEqual(['ops']);
    expect(directory.revisionOf('channel-ops')).toBe(1);
  });

  it('knows nothing of strangers', () => {
    const directory = directoryOf();
    expect(directory.bot('constructor').status).toBe('unknown');
    expect(directory.channel('ops').status).toBe('unknown');
    expect([directory.members('ops'), directory.channelsOf('ada')]).toEqual([[], []]);
    expect(directory.operatorKeys('admin')).toEqual(noOperatorKeys);
    expect(directory.revisionOf('bot-ada')).toBe('no_stream');
    expect(directory.revisionOf('messages-ops')).toBe('no_stream');
  });

  it('forgets a membership when the bot leaves', () => {
    const directory = directoryOf(
      ...ops,
      recordedEvent('channel-b', 0, 'ChannelOpened', { channel: 'b', visibility: 'private' }),
      recordedEvent('channel-b', 1, 'BotJoined', { channel: 'b', bot: 'ada', from: 3 }),
    );
    expect(directory.channelsOf('ada')).toEqual(['b', 'ops']);
    directory.apply(recordedEvent('channel-b', 2, 'BotLeft', { channel: 'b', bot: 'ada' }));
    expect(directory.channelsOf('ada')).toEqual(['ops']);
    expect(directory.members('b')).toEqual([]);
  });

  it('applies each event once, however often it comes, and announces it once', () => {
    const directory = new Directory();
    const told: string[] = [];
    directory.onChange(({ type }) => void told.push(type));
    expect([...ada, ...ada, ada[0]!].map((event) => directory.apply(event))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(told).toEqual(['BotRegistered', 'KeyIssued']);
  });

  it('closes the bot whose stream lacks an event or holds an unreadable one, and continues', () => {
    const later = recordedEvent('bot-ada', 3, 'KeyIssued', { bot: 'ada', keyId: 'k', hash: 'h' });
    const gap = directoryOf(...ada, later);
    expect(gap.damageOf('bot-ada')).toEqual({ revision: 2, why: 'events 2 to 2 are missing' });
    const forged = {
      ...recordedEvent('bot-ada', 2, 'KeyRevoked', null),
      unreadable: 'its data is not an object',
    };
    const damaged = directoryOf(...ada, forged);
    expect(damaged.damageOf('bot-ada')).toEqual({ revision: 2, why: 'its data is not an object' });
    expect(damaged.revisionOf('bot-ada')).toBe(2);
    for (const directory of [gap, damaged]) {
      expect(() => directory.authenticate(key.key)).toThrow(
        new RequestError(
          'forbidden',
          `Bot "ada" is closed: event 2 of that stream can't be understood, and an admin has to decide about it`,
        ),
      );
      expect(directory.authenticate(issueKey({ role: 'bot', bot: 'ada' }).key)).toBeUndefined();
      expect(directory.damageOf('bot-eve')).toBeUndefined();
    }
  });

  it('opens a closed bot again when the event is set aside, before or after it is met, and keeps that in a snapshot', () => {
    const bad = { ...recordedEvent('bot-ada', 2, 'KeyRevoked', {}), unreadable: 'field "bot" is missing' };
    const after = directoryOf(...ada, bad, decision(0, 2));
    const before = directoryOf(decision(0, 2), ...ada, bad);
    const restored = directoryOf(decision(0, 2));
    restored.restore(directoryOf(...ada, bad).state);
    for (const directory of [after, before, restored]) {
      expect(directory.damageOf('bot-ada')).toBeUndefined();
      expect(directory.authenticate(key.key)).toMatchObject({ bot: 'ada' });
      expect(directory.isDamaged('bot-ada', 2)).toBe(true);
      expect(directory.revisionOf('decisions-events')).toBe(0);
      directory.apply({ ...bad, revision: 3 });
      expect(directory.damageOf('bot-ada')).toMatchObject({ revision: 3 });
      directory.apply({ ...decision(1, 3), unreadable: 'field "reason" is missing' });
      expect(directory.damageOf('bot-ada')).toMatchObject({ revision: 3 });
      directory.apply(decision(2, 3));
      expect(directory.damageOf('bot-ada')).toBeUndefined();
    }
  });

  it('lets admins decide about events that are missing, too', () => {
    const gap = recordedEvent('bot-ada', 4, 'BotReinstated', { bot: 'ada' });
    const directory = directoryOf(...ada, gap);
    expect(directory.damageOf('bot-ada')).toMatchObject({ revision: 2 });
    directory.setAside.setAside({ stream: 'bot-ada', revision: 2, reason: 'r', keyId: 'k', at: '' });
    expect(directory.damageOf('bot-ada')).toBeUndefined();
  });

  it('keeps a stream closed that has more such events than it can remember', () => {
    const directory = directoryOf(...ada);
    for (let revision = 2; revision < 1_200; revision += 1) {
      directory.apply({ ...recordedEvent('bot-ada', revision, 'Odd', {}), unreadable: 'no type' });
      directory.setAside.setAside({ stream: 'bot-ada', revision, reason: 'r', keyId: 'k', at: '' });
    }
    expect(directory.damageOf('bot-ada')).toMatchObject({ revision: 1_002 });
  });

  it('moves past event types it does not know, and ignores streams that are not its own', () => {
    const directory = directoryOf(...ada, recordedEvent('bot-ada', 2, 'BotPainted', { colour: 'red' }));
    expect(directory.revisionOf('bot-ada')).toBe(2);
    expect(directory.bot('ada').status).toBe('active');
    expect(directory.apply(recordedEvent('messages-ops', 0, 'MessagePosted', {}))).toBe(false);
    expect(directory.apply(recordedEvent('other', 7, 'X', {}))).toBe(false);
  });

  describe('authenticating', () => {
    const issued = { role: 'admin', keyId: adminKey.keyId, hash: adminKey.hash };
    const admin = recordedEvent('keys-admin', 0, 'OperatorKeyIssued', issued);

    it('says whose key it is', () => {
      const directory = directoryOf(...ada, admin);
      expect(directory.authenticate(key.key)).toEqual({ role: 'bot', bot: 'ada', keyId: key.keyId });
      expect(directory.authenticate(adminKey.key)).toEqual({ role: 'admin', keyId: adminKey.keyId });
    });

    it('knows no key that is malformed, forged, of a stranger, or for another role', () => {
      const directory = directoryOf(...ada, admin);
      const forged = issueKey({ role: 'bot', bot: 'ada' }).key.split('.').at(-1)!;
      const keys = [
        '',
        'bot.ada',
        `bot.ada.${key.keyId}.${forged}`,
        key.key.replace('bot.ada', 'bot.eve'),
        adminKey.key.replace('admin', 'auditor'),
        `bot.ada.__proto__.${forged}`,
      ];
      expect(keys.map((one) => directory.authenticate(one))).toEqual(keys.map(() => undefined));
    });

    it('does not know a key that was revoked', () => {
      const directory = directoryOf(
        ...ada,
        recordedEvent('bot-ada', 2, 'KeyRevoked', { bot: 'ada', keyId: key.keyId }),
      );
      expect(directory.authenticate(key.key)).toBeUndefined();
    });

    it('says to the owner of a valid key, and to nobody else, that the bot is suspended', () => {
      const directory = directoryOf(...ada, recordedEvent('bot-ada', 2, 'BotSuspended', { bot: 'ada' }));
      expect(() => directory.authenticate(key.key)).toThrow(
        new RequestError('forbidden', 'Bot "ada" is suspended'),
      );
      expect(directory.authenticate(issueKey({ role: 'bot', bot: 'ada' }).key)).toBeUndefined();
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checksumOf, issueKey } from '#libs/platform/keys/access-key.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { DirectoryKeys } from './directory-keys.js';
import { Directory } from './directory.js';

/** Milliseconds after which an unknown key is answered. */
const ANSWER_MS = 100;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/**
 * Builds a directory that has received nothing from the log yet, and the events that a read of a stream would
 * give it.
 */
const setUp = (clock?: ConstructorParameters<typeof DirectoryKeys>[2]) => {
  const directory = new Directory();
  const bot = issueKey({ role: 'bot', bot: 'ada' });
  const admin = issueKey({ role: 'admin' });
  const stored = [
    recordedEvent('bot-ada', 0, 'BotRegistered', { bot: 'ada' }),
    recordedEvent('bot-ada', 1, 'KeyIssued', { bot: 'ada', keyId: bot.keyId, hash: bot.hash }),
    recordedEvent('keys-admin', 0, 'OperatorKeyIssued', {
      role: 'admin',
      keyId: admin.keyId,
      hash: admin.hash,
    }),
  ];
  const bring = (stream: string): void => {
    for (const event of stored) if (event.stream === stream) directory.apply(event);
  };
  const readOn = vi.fn(async (stream: string) => {
    bring(stream);
    return true;
  });
  return { keys: new DirectoryKeys(directory, { readOn }, clock), readOn, bring, bot, admin };
};

const madeUp = (bot: string): string => issueKey({ role: 'bot', bot }).key;

/** Returns how many milliseconds the answer takes. */
const timed = async (answer: Promise<unknown>): Promise<number> => {
  const from = performance.now();
  const took = answer.then(() => performance.now() - from);
  await vi.advanceTimersByTimeAsync(5_000);
  return took;
};

const refusal = async (answer: Promise<unknown>): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ANSWER_MS);
  expect(await answer).toBeUndefined();
};

describe('the keys of a directory', () => {
  it('finds a key that the log has not delivered yet by looking it up', async () => {
    const { keys, bot, admin } = setUp();
    expect(keys.authenticate(bot.key)).toBeUndefined();
    expect(await keys.authenticateNew(bot.key)).toEqual({ role: 'bot', bot: 'ada', keyId: bot.keyId });
    expect(await keys.authenticateNew(admin.key)).toEqual({ role: 'admin', keyId: admin.keyId });
  });

  it('does not know a key that was never issued, and does not look up what can’t be a key', async () => {
    const { keys, readOn } = setUp();
    await refusal(keys.authenticateNew(madeUp('ada')));
    expect(readOn).toHaveBeenCalledOnce();
    const mistyped = madeUp('ada').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const shown of ['no key', mistyped]) expect(await keys.authenticateNew(shown)).toBeUndefined();
    expect(readOn).toHaveBeenCalledOnce();
  });
});

describe('keys that are made up', () => {
  it('cost few reads of the store, however many there are and wherever they come from', () => {
    let time = 0;
    const clock = { now: () => time, elapsed: () => time, after: () => () => undefined };
    const { keys, readOn } = setUp(clock);
    const flood = (from: (index: number) => string): void => {
      for (let index = 0; index < 10_000; index += 1)
        void keys.authenticateNew(madeUp(`b${index}`), from(index));
    };
    flood(() => '192.0.2.1');
    expect(readOn).toHaveBeenCalledTimes(10);
    flood((index) => `address-${index}`);
    expect(readOn).toHaveBeenCalledTimes(40);
    time = 2_000;
    flood((index) => `address-${index}`);
    expect(readOn).toHaveBeenCalledTimes(80);
  });

  it('keep nobody from using a key that another process issued: the log delivers it', async () => {
    const { keys, readOn, bring, bot } = setUp();
    for (let index = 0; index < 100; index += 1) void keys.authenticateNew(madeUp('bob'), `address-${index}`);
    await vi.advanceTimersByTimeAsync(0);
    const reads = readOn.mock.calls.length;
    const answer = keys.authenticateNew(bot.key, 'address-0');
    await vi.advanceTimersByTimeAsync(30);
    bring('bot-ada');
    expect(await answer).toMatchObject({ bot: 'ada' });
    expect(readOn).toHaveBeenCalledTimes(reads);
  });

  it('are looked up once, even if one is presented again and again', async () => {
    const { keys, readOn } = setUp();
    const key = madeUp('ada');
    for (let time = 0; time < 3; time += 1) await refusal(keys.authenticateNew(key));
    expect(readOn).toHaveBeenCalledOnce();
  });

  it('are all answered alike, and after the same time, whatever the store takes and whatever of them is known', async () => {
    const { keys, readOn, bring, bot } = setUp();
    bring('bot-ada');
    const takes = (ms: number) =>
      readOn.mockImplementationOnce(() => new Promise((resolve) => setTimeout(resolve, ms, true)));
    const knownId = issueKey({ role: 'bot', bot: 'ada' });
    const withKnownId = rekeyed(knownId.key, bot.keyId);
    const shown = [
      [madeUp('ada'), 37],
      [madeUp('nobody'), 2],
      [withKnownId, 80],
      [withKnownId, 0],
      [issueKey({ role: 'admin' }).key, 12],
    ] as const;
    for (const [key, ms] of shown) {
      takes(ms);
      expect([key.slice(0, 12), await timed(keys.authenticateNew(key, key))]).toEqual([
        key.slice(0, 12),
        ANSWER_MS,
      ]);
    }
  });
});

/** Returns a copy of a key with another id and a valid checksum. */
const rekeyed = (key: string, keyId: string): string => {
  const parts = key.slice(0, -6).split('.');
  const text = [...parts.slice(0, -2), keyId, parts.at(-1)].join('.');
  return `${text}${checksumOf(text)}`;
};

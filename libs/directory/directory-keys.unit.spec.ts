import { describe, expect, it, vi } from 'vitest';
import { issueKey } from '#libs/platform/access/access-key.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import { DirectoryKeys } from './directory-keys.js';
import { Directory } from './directory.js';

/** A directory that the log has brought nothing yet, and what a read of a stream would bring it. */
const setUp = () => {
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
  const readOn = vi.fn(async (stream: string) => {
    for (const event of stored) if (event.stream === stream) directory.apply(event);
  });
  return { keys: new DirectoryKeys(directory, { readOn }), readOn, bot, admin };
};

describe('the keys of a directory', () => {
  it('knows a key that the log has not brought yet, by looking', async () => {
    const { keys, bot, admin } = setUp();
    expect(keys.authenticate(bot.key)).toBeUndefined();
    expect(await keys.authenticateNew(bot.key)).toEqual({ role: 'bot', bot: 'ada', keyId: bot.keyId });
    expect(await keys.authenticateNew(admin.key)).toEqual({ role: 'admin', keyId: admin.keyId });
  });

  it('does not know what was never issued, nor looks for what can be no key', async () => {
    const { keys, readOn } = setUp();
    expect(await keys.authenticateNew(issueKey({ role: 'bot', bot: 'ada' }).key)).toBeUndefined();
    expect(readOn).toHaveBeenCalledOnce();
    const mistyped = issueKey({ role: 'bot', bot: 'ada' }).key.replace(/.$/, (last) =>
      last === 'A' ? 'B' : 'A',
    );
    for (const shown of ['no key', mistyped]) expect(await keys.authenticateNew(shown)).toBeUndefined();
    expect(readOn).toHaveBeenCalledOnce();
  });
});

import { expect, it, vi } from 'vitest';
import { loadSettings } from '#libs/platform/config/settings.js';
import { keyMakeCommand } from './key-make.command.js';

it('prints an admin key that VERBATIM_ADMIN_KEY accepts, a new one each time', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    for (const _ of 'ab') await keyMakeCommand().parseAsync([], { from: 'user' });
    const printed = write.mock.calls.map(([text]) => String(text).trim());
    for (const key of printed) expect(loadSettings({ VERBATIM_ADMIN_KEY: key }).access.adminKey).toBe(key);
    expect(new Set(printed).size).toBe(2);
  } finally {
    write.mockRestore();
  }
});

import { describe, expect, it } from 'vitest';
import { loadSettings } from '#libs/platform/config/settings.js';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { welcome } from './welcome.js';
import type { Started } from './running-system.js';

const shown = (started: Partial<Started>, env: Record<string, string> = {}): string =>
  welcome({ url: 'http://h:1', ...started }, loadSettings({ VERBATIM_DATA_DIR: '/data', ...env }), 1);

const stores = { VERBATIM_EVENTSTORE_URL: 'esdb://h', VERBATIM_POSTGRES_URL: 'postgres://h/d' };

describe('what is shown after a start', () => {
  it('is how to create a bot, when that can work', () => {
    expect(shown({})).toContain('bot create alice');
    expect(shown({ newAdminKey: 'admin.x' })).toContain('bot create alice');
    expect(shown({}, { ...stores, VERBATIM_ROLES: 'projector' })).not.toContain('bot create alice');
  });

  it('without a key for the log is that there is none, and how to get in', () => {
    const text = shown({ adminKey: 'none here' });
    expect(text).toMatch(/None here: .*\/data\/admin\.key/);
    expect(text).toContain('VERBATIM_ADMIN_KEY set to a new key');
    expect(text).not.toContain('bot create alice');
  });

  it('with a revoked key is where that key is, without the key', () => {
    const { key } = issueKey({ role: 'admin' });
    expect(shown({ adminKey: 'revoked' })).toContain('The one in /data/admin.key was revoked');
    const text = shown({ adminKey: 'revoked' }, { VERBATIM_ADMIN_KEY: key });
    expect(text).toContain('The one in VERBATIM_ADMIN_KEY was revoked');
    expect(text).not.toContain(key);
  });

  it('is a new admin key to somebody at a terminal, and where it is kept', () => {
    const text = shown({ newAdminKey: 'admin.secret', newAdminKeyFile: '/data/admin.key' });
    expect(text).toMatch(/admin key {4}admin\.secret\n.*kept in \/data\/admin\.key/);
  });

  it('is where a new key is kept, when the key is not for them; and after the first start nothing of it', () => {
    expect(shown({ newAdminKeyFile: '/data/admin.key' })).toMatch(/admin key {4}kept in \/data\/admin\.key/);
    expect(shown({})).not.toContain('admin key');
  });
});

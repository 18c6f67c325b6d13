import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueKey, parseKey } from '#libs/platform/keys/access-key.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { CommandFailed } from '../command-failed.js';
import { recoverAdminKey } from './recover-admin-key.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'verbatim-recover-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const settings = (env: Record<string, string> = {}) => loadSettings({ VERBATIM_DATA_DIR: dataDir, ...env });
const keyIn = (file: string) => parseKey(readFileSync(file, 'utf8').trim());

describe('a recovered admin key', () => {
  it('is in admin.key, for its owner alone', () => {
    const { keyId, file, before } = recoverAdminKey(settings());
    expect(file).toBe(join(dataDir, 'admin.key'));
    expect(keyIn(file)).toEqual({ role: 'admin', keyId });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(before).toBeUndefined();
    expect(readdirSync(dataDir)).toEqual(['admin.key']);
  });

  it('keeps the previous key in a file next to it, each time', () => {
    const file = join(dataDir, 'admin.key');
    const { key } = issueKey({ role: 'admin' });
    writeFileSync(file, `${key}\n`, { mode: 0o600 });
    const first = recoverAdminKey(settings());
    const second = recoverAdminKey(settings());
    expect(readFileSync(first.before!, 'utf8')).toBe(`${key}\n`);
    expect(keyIn(second.before!)?.keyId).toBe(first.keyId);
    expect(keyIn(file)?.keyId).toBe(second.keyId);
  });

  it('is not created where no start would look for it', () => {
    const { key } = issueKey({ role: 'admin' });
    expect(() => recoverAdminKey(settings({ VERBATIM_ADMIN_KEY: key }))).toThrow(CommandFailed);
    rmSync(dataDir, { recursive: true });
    expect(() => recoverAdminKey(settings())).toThrow(CommandFailed);
  });
});

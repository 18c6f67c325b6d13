import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { issueKey } from '#libs/platform/keys/access-key.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import { CommandFailed } from '../command-failed.js';
import { ApiClient } from './api-client.js';
import { createProgram } from '../program.js';
import { adminKey, botKey, saveBotKey } from './key-source.js';
import { serverUrl } from './server-url.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'verbatim-cli-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const settings = (env: Record<string, string> = {}) => loadSettings({ VERBATIM_DATA_DIR: dataDir, ...env });
const alice = issueKey({ role: 'bot', bot: 'alice' }).key;
const admin = issueKey({ role: 'admin' }).key;

describe('the key of a command', () => {
  it('is in the file named, else VERBATIM_KEY, else the one kept by the server', async () => {
    await writeFile(join(dataDir, 'admin.key'), `${admin}\n`);
    await writeFile(join(dataDir, 'other.key'), 'named\n');
    expect(adminKey(join(dataDir, 'other.key'), settings({ VERBATIM_KEY: 'env' }))).toBe('named');
    expect(adminKey(undefined, settings({ VERBATIM_KEY: 'env' }))).toBe('env');
    expect(adminKey(undefined, settings())).toBe(admin);
    const own = issueKey({ role: 'admin' }).key;
    expect(adminKey(undefined, settings({ VERBATIM_ADMIN_KEY: own }))).toBe(own);
  });

  it('for a chat is saved when the bot is created, for its owner only', async () => {
    const file = saveBotKey(dataDir, 'alice', alice);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(`${alice}\n`);
    expect(botKey('alice', undefined, settings())).toBe(alice);
    // An admin's key in the environment is not used for a chat.
    expect(botKey('alice', undefined, settings({ VERBATIM_KEY: admin }))).toBe(alice);
  });

  it('is never an argument, which every user of the machine can read', async () => {
    const words = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => words.mockRestore());
    const program = createProgram(() => undefined);
    for (const command of [['bot', 'list'], ['key', 'create', 'admin'], ['hardening'], ['audit', 'replay']]) {
      const typed = [...command, '--key', admin];
      await expect(program.parseAsync(typed, { from: 'user' })).rejects.toThrow(/unknown option '--key'/);
    }
  });

  it('is demanded when there is none, and refused when it is another bot’s', async () => {
    expect(() => adminKey(undefined, settings())).toThrow(/--key-file, set VERBATIM_KEY.*VERBATIM_ADMIN_KEY/);
    expect(() => botKey('alice', undefined, settings())).toThrow(/verbatim bot create alice/);
    const file = join(dataDir, 'alice.key');
    await writeFile(file, `${alice}\n`);
    expect(botKey('alice', file, settings())).toBe(alice);
    expect(() => botKey('bob', file, settings())).toThrow(/not a key of bot bob/);
    expect(() => botKey('bob', '-', settings())).toThrow(/which reads your lines from standard input/);
    expect(() => adminKey(join(dataDir, 'none.key'), settings())).toThrow(/none.key does not exist/);
    await writeFile(file, '\n');
    expect(() => adminKey(file, settings())).toThrow(/holds no key/);
    expect(() => adminKey(dataDir, settings())).toThrow(/can't be read \(EISDIR\)/);
    expect(() => botKey('../admin', undefined, settings())).toThrow(/can't be the name/);
  });

  it('that can’t be saved is reported', async () => {
    await writeFile(join(dataDir, 'keys'), '');
    expect(() => saveBotKey(dataDir, 'alice', alice)).toThrow(/could not be kept/);
    await chmod(dataDir, 0o700);
  });
});

describe('the server’s address', () => {
  it.each([
    [undefined, {}, 'http://127.0.0.1:8000'],
    [undefined, { VERBATIM_PORT: '9000', VERBATIM_HOST: '0.0.0.0' }, 'http://127.0.0.1:9000'],
    [undefined, { VERBATIM_HOST: '::' }, 'http://[::1]:8000'],
    [
      undefined,
      { VERBATIM_TLS_CERT_FILE: 'served.crt', VERBATIM_TLS_KEY_FILE: 'served.key' },
      'https://127.0.0.1:8000',
    ],
    [undefined, { VERBATIM_URL: 'https://bots.example/' }, 'https://bots.example'],
    ['http://other:1', { VERBATIM_URL: 'https://bots.example' }, 'http://other:1'],
  ])('option %s and settings %j give %s', (option, env, url) => {
    expect(serverUrl(option, settings(env as Record<string, string>))).toBe(url);
  });

  it('must be one', () => {
    expect(() => serverUrl('localhost:8000', settings())).toThrow(CommandFailed);
  });
});

describe('an answer', () => {
  let server: Server;
  let url: string;
  const answer = { status: 200, body: '{}' };

  beforeEach(async () => {
    server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('with an error is shown in the server’s words', async () => {
    Object.assign(answer, {
      status: 409,
      body: JSON.stringify({ detail: 'A bot named "x" exists already' }),
    });
    await expect(new ApiClient(url, 'k').request('POST', '/v1/bots', {})).rejects.toThrow(
      'A bot named "x" exists already',
    );
  });

  it('of something that is not Verbatim is recognised', async () => {
    Object.assign(answer, { status: 200, body: '<html>' });
    await expect(new ApiClient(url, 'k').request('GET', '/')).rejects.toThrow(
      /does not answer like Verbatim/,
    );
  });

  it('that does not come is reported in one line', async () => {
    await expect(new ApiClient('http://127.0.0.1:1', 'k').request('GET', '/')).rejects.toThrow(
      /^No answer from http:\/\/127.0.0.1:1: /,
    );
  });
});

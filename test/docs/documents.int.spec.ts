import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CONNECTION_DEFAULTS } from '#libs/event-store/connection/connection-settings.js';
import { SETTINGS_TABLE } from '#libs/platform/config/settings.table.js';
import type { Setting } from '#libs/platform/config/settings.table.js';
import { ERROR_CODES } from '#libs/protocol/errors.js';
import { LIMITS } from '#libs/protocol/limits.js';
import {
  HistoryRequest,
  JoinRequest,
  LeaveRequest,
  WhoRequest,
} from '#libs/protocol/requests/channel.requests.js';
import { EditRequest, RedactRequest } from '#libs/protocol/requests/change.requests.js';
import { parseCursorMap } from '#libs/protocol/requests/cursor-map.js';
import { parseHandshake } from '#libs/protocol/requests/handshake.js';
import { PostRequest } from '#libs/protocol/requests/post.request.js';
import { SignalRequest } from '#libs/protocol/requests/signal.request.js';
import { parseRequest } from '#libs/protocol/validation/parse-request.js';
import { fencesOf, sectionOf, tableOf, tablesOf } from '#test/support/markdown.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

const documents = async (): Promise<string[]> => {
  const inDocs = await readdir(join(ROOT, 'docs'), { recursive: true });
  return [
    'README.md',
    'CHANGELOG.md',
    'SECURITY.md',
    ...inDocs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ];
};

/** Maps the first cell of each row to its next two cells. */
const byName = (table: readonly (readonly unknown[])[]): object =>
  Object.fromEntries(table.map(([name, ...defaults]) => [String(name), defaults.slice(0, 2)]));

describe('the page on clusters', () => {
  it('names every parameter of a connection string to a cluster, with its default', async () => {
    const rows = tableOf(await read('docs/event-store-cluster.md'), 'parameter');
    const { one, cluster, ...either } = CONNECTION_DEFAULTS;
    const known = [
      ...Object.entries(cluster).map(([name, value]) => [name, value, one[name as keyof typeof one]]),
      ...Object.entries(either).map(([name, value]) => [name, value]),
    ].map(([name, inCluster, ofOne]) => [name, inCluster, ofOne ?? ''].map((cell) => cell && `\`${cell}\``));
    expect(byName(rows)).toEqual(byName(known));
  });
});

describe('the README', () => {
  it('shows the examples as they are', async () => {
    const fences = fencesOf(await read('README.md'));
    for (const [language, file] of [
      ['js', 'examples/bot.mjs'],
      ['python', 'examples/bot.py'],
    ] as const) {
      expect(fences.filter((fence) => fence.language === language)).toEqual([
        { language, text: await read(file) },
      ]);
    }
  });

  it('names every setting with its default', async () => {
    const rows = tableOf(sectionOf(await read('README.md'), 'Settings'), 'setting');
    const settings = Object.entries(SETTINGS_TABLE) as [string, Setting<unknown>][];
    expect(rows.map(([name]) => name)).toEqual(settings.map(([name]) => `\`${name}\``));
    for (const [index, [, setting]] of settings.entries()) {
      if (setting.defaultMeaning === undefined) expect(rows[index]![1]).toBe(`\`${setting.default}\``);
    }
  });

  it('names the two commands', async () => {
    const blocks = fencesOf(sectionOf(await read('README.md'), 'Run it')).map(({ text }) => text.trim());
    expect(blocks).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });
});

describe('links between documents', () => {
  it('lead to files that exist', async () => {
    for (const document of await documents()) {
      const targets = [...(await read(document)).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(
        ([, target]) => target!,
      );
      const missing = targets.filter((target) => !existsSync(join(ROOT, dirname(document), target)));
      expect({ document, missing }).toEqual({ document, missing: [] });
    }
  });
});

/** Returns the folders in a folder, as the table of the architecture names them. */
const inside = async (folder: string): Promise<string[]> =>
  (await readdir(join(ROOT, folder))).map((name) => `\`${folder}/${name}\``);

describe('the architecture', () => {
  it('has a line for every folder', async () => {
    const rows = tableOf(await read('docs/architecture.md'), 'folder').map(([folder]) => folder);
    const folders = (await Promise.all(['apps', 'libs', 'tools', 'test'].map(inside))).flat();
    expect(rows).toEqual(expect.arrayContaining(folders));
  });
});

describe('the decisions', () => {
  it('are all listed', async () => {
    const files = (await readdir(join(ROOT, 'docs/decisions'))).filter((name) => /^\d/.test(name));
    const listed = [...(await read('docs/decisions/README.md')).matchAll(/\]\((.+?)\)/g)].map(
      ([, file]) => file,
    );
    expect(listed).toEqual(files.toSorted());
  });
});

const threats = async (): Promise<string[][]> => tablesOf(await read('docs/security.md'), 'threat').flat();

describe('the threat model', () => {
  it('names an existing test for each threat, or says that there is none', async () => {
    for (const [threat, , tests = ''] of await threats()) {
      const cited = [...tests.matchAll(/`([^`]+)` “([^”]+)”/g)];
      expect({ threat, says: cited.length > 0 || tests === 'none' }).toEqual({ threat, says: true });
      expect({ threat, files: tests.split('`').length >> 1 }).toEqual({ threat, files: cited.length });
      for (const [, file, titles] of cited) {
        const source = await read(file!);
        const missing = titles!.split(' › ').filter((title) => !hasTitle(source, title));
        expect({ file, missing }).toEqual({ file, missing: [] });
      }
    }
  });

  it('names existing code for its measures', async () => {
    const named = (await threats()).flatMap(([, measure]) => [...measure!.matchAll(/`([a-z]+\/[^`]+)`/g)]);
    const missing = named.map(([, path]) => path!).filter((path) => !existsSync(join(ROOT, path)));
    expect({ missing, some: named.length > 0 }).toEqual({ missing: [], some: true });
  });
});

/** Returns whether a suite or test of a source has exactly this title, in any kind of quotes. */
const hasTitle = (source: string, title: string): boolean =>
  [`'${title}',`, `"${title}",`, `\`${title}\`,`].some((quoted) => source.includes(quoted));

const protocol = (): Promise<string> => read('docs/protocol/v1.md');

describe('the protocol', () => {
  it('lists every error code with its status and whether to try again', async () => {
    const rows = tableOf(await protocol(), 'code').map(([code, status, again]) => [code, status, again]);
    const expected = Object.entries(ERROR_CODES).map(([code, { status, retryable }]) => [
      `\`${code}\``,
      String(status),
      retryable ? 'yes' : 'no',
    ]);
    expect(rows).toEqual(expected);
  });

  it('names the actual limits', async () => {
    const ready = fencesOf(await protocol()).find(({ language }) => language === 'json ready');
    expect(JSON.parse(ready!.text)).toMatchObject({ limits: LIMITS });
  });

  it('shows examples that are JSON, and requests that are accepted', async () => {
    const checks: Record<string, (payload: unknown) => unknown> = {
      'json auth': parseHandshake,
      'json post': (payload) => parseRequest(PostRequest, payload),
      'json edit': (payload) => parseRequest(EditRequest, payload),
      'json redact': (payload) => parseRequest(RedactRequest, payload),
      'json join': (payload) => parseRequest(JoinRequest, payload),
      'json leave': (payload) => parseRequest(LeaveRequest, payload),
      'json history': (payload) => parseRequest(HistoryRequest, payload),
      'json who': (payload) => parseRequest(WhoRequest, payload),
      'json signal': (payload) => parseRequest(SignalRequest, payload),
      'json ack': (payload) => parseCursorMap(payload, 'The payload'),
    };
    const seen = new Set<string>();
    for (const { language, text } of fencesOf(await protocol())) {
      if (!language.startsWith('json')) continue;
      const payload: unknown = JSON.parse(text);
      checks[language]?.(payload);
      seen.add(language);
    }
    expect([...seen]).toEqual(expect.arrayContaining(Object.keys(checks)));
  });
});

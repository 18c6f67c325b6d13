import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { describe, expect, it, vi } from 'vitest';
import { createProgram } from '#apps/cli/src/program.js';
import { KEY_PATTERN, issueKey } from '#libs/platform/keys/access-key.js';
import { loadSettings } from '#libs/platform/config/settings.js';
import type { Environment } from '#libs/platform/config/settings.js';
import { SERVICE_ROLES } from '#libs/platform/config/settings.table.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

type Service = Readonly<{
  image: string;
  build?: { context: string; dockerfile: string };
  environment?: Record<string, string | number>;
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
}>;
type Compose = Readonly<{ services: Record<string, Service>; volumes: Record<string, unknown> }>;

/** Compose files are YAML 1.2 with merge keys. */
const compose = async (): Promise<Compose> =>
  load(await read('docker/compose.yml'), { schema: CORE_SCHEMA.withTags(mergeTag) }) as Compose;

/** Replaces each `${NAME:?message}` in a text by its value, as compose does with docker/.env. */
const filledIn = (text: string, values: Environment): string =>
  text.replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`docker/.env.example does not name ${name}`);
    return value;
  });

/** Returns the variables that docker/.env.example names, with values that an operator could have set. */
const ownValues = async (): Promise<Environment> => {
  const names = [...(await read('docker/.env.example')).matchAll(/^(\w+)=/gm)].map(([, name]) => name!);
  const values: Environment = {
    POSTGRES_PASSWORD: 'secret',
    VERBATIM_ADMIN_KEY: issueKey({ role: 'admin' }).key,
  };
  return Object.fromEntries(names.map((name) => [name, values[name]]));
};

const roleServices = ({ services }: Compose): [string, Service][] =>
  Object.entries(services).filter(([, { image }]) => image === 'verbatim');

describe('docker/compose.yml', () => {
  it('gives every role settings that a start accepts', async () => {
    const values = await ownValues();
    const roles = roleServices(await compose()).map(([name, { environment = {} }]) => {
      const env = Object.entries(environment).map(([key, value]) => [key, filledIn(String(value), values)]);
      const settings = loadSettings(Object.fromEntries(env) as Environment);
      expect(settings).toMatchObject({
        node: name,
        http: { host: '0.0.0.0', port: 8000 },
        eventStore: { url: 'esdb://eventstore:2113?tls=false' },
        postgres: { url: 'postgres://verbatim:secret@postgres:5432/verbatim' },
        access: { adminKey: values['VERBATIM_ADMIN_KEY'] },
      });
      return settings.roles;
    });
    expect(roles.flat().toSorted()).toEqual([...SERVICE_ROLES, 'gateway'].toSorted());
  });

  it('defines every service that another one waits for, and mounts only what exists', async () => {
    const { services, volumes } = await compose();
    for (const { depends_on: needs = {}, volumes: mounts = [], build } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(needs)) {
        expect(services).toHaveProperty([name]);
        // The image of the roles has a health check of its own.
        if (condition === 'service_healthy' && services[name]!.image !== 'verbatim')
          expect(services[name]!.healthcheck).toBeDefined();
      }
      for (const [source] of mounts.map((mount) => mount.split(':'))) {
        const there = source!.startsWith('.')
          ? existsSync(join(ROOT, 'docker', source!))
          : Object.hasOwn(volumes, source!);
        expect({ source, there }).toEqual({ source, there: true });
      }
      if (build) expect(existsSync(join(ROOT, 'docker', build.context, build.dockerfile))).toBe(true);
    }
  });

  it('uses the host names that HAProxy’s configuration expects', async () => {
    const { services } = await compose();
    const haproxy = await read('ops/haproxy/haproxy.cfg');
    const presets = [...haproxy.matchAll(/^ +presetenv (\w+) +(\S+):8000$/gm)];
    expect(presets).toHaveLength(5);
    for (const [, name, host] of presets) {
      expect(haproxy).toContain(`"\${${name}}"`);
      if (host !== '*') expect(services).toHaveProperty([host!]);
    }
  });
});

/** Runs a command of ours in this process. */
const printedBy = async (command: string): Promise<string> => {
  const printed: string[] = [];
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => printed.push(String(text)) > 0);
  await createProgram(() => undefined)
    .parseAsync(command.split(' '), { from: 'user' })
    .finally(() => write.mockRestore());
  return printed.join('').trim();
};

describe('docker/.env.example', () => {
  it('tells commands that make an admin key in the form of today', async () => {
    const commands = [...(await read('docker/.env.example')).matchAll(/^# {3}(.+)$/gm)].map(
      ([, line]) =>
        /(?:npm run --silent verbatim --|node dist\/apps\/cli\/src\/main\.js) (.+)$/.exec(line!)![1]!,
    );
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const key = await printedBy(command);
      expect(key).toMatch(new RegExp(`^${KEY_PATTERN}$`));
      expect(loadSettings({ VERBATIM_ADMIN_KEY: key }).access.adminKey).toBe(key);
    }
  });
});

describe('docker/Dockerfile', () => {
  it('copies only files that exist and that its build context includes', async () => {
    const allowed = (await read('docker/Dockerfile.dockerignore'))
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const copied = [...(await read('docker/Dockerfile')).matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, sources]) => sources!.split(' '),
    );
    expect(copied.map((source) => `!${source}`).toSorted()).toEqual(allowed.toSorted());
    for (const source of copied) expect(existsSync(join(ROOT, source))).toBe(true);
  });
});

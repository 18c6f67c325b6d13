import { resolve } from 'node:path';
import type { TlsFiles } from '../tls/tls-pair.js';
import { tokenMistakes, tokenSettings } from './token-settings.js';
import type { TokenSettings, TokenTexts } from './token-settings.js';
import { nearest } from './nearest-name.js';
import {
  SERVICE_ROLES,
  SETTINGS_TABLE,
  type LogLevel,
  type ServiceRole,
  type Setting,
  type SettingName,
  type SettingValue,
} from './settings.table.js';

/** Holds all checked settings of a process. Injected as {@link SETTINGS}; nothing else reads the environment. */
export type Settings = Readonly<{
  http: Readonly<{ host: string; port: number; tls?: TlsFiles }>;
  /** Absolute path of the data folder. */
  dataDir: string;
  disk: Readonly<{ reserveBytes: number }>;
  /** `scope` keeps the names of its streams apart from those of other systems in the same store. */
  eventStore: Readonly<{ url?: string; scope?: string }>;
  postgres: Readonly<{ url?: string }>;
  roles: readonly ServiceRole[];
  /** `perSecond` is the rate that a bot may keep up, `burst` the number of requests that it may send at once. */
  rate: Readonly<{ perSecond: number; burst: number }>;
  /** The HTTP requests that an admin or auditor may keep up a second, and may send at once. */
  people: Readonly<{ perSecond: number; burst: number }>;
  /** Consumers that one bot may have. */
  consumers: number;
  /**
   * Limits of connections without an accepted key, and the proxies whose word about the client's address is believed.
   */
  strangers: Readonly<{ inAll: number; perAddress: number; proxies: readonly string[] }>;
  /** Origins of pages, besides the server's own, that may use the server. */
  origins: readonly string[];
  /** The witnesses of the audit log, each with its address and its public key. */
  audit: Readonly<{ witnesses: readonly Readonly<{ url: string; key: string }>[] }>;
  /** Minutes between two recounts; 0 for never. */
  recount: Readonly<{ everyMinutes: number }>;
  node: string;
  log: Readonly<{ level: LogLevel }>;
  metrics: Readonly<{ token?: string }>;
  access: Readonly<{ adminKey?: string }>;
  /** Absent when tokens of an identity provider are not accepted. */
  tokens?: TokenSettings;
  /** Settings that only the command line uses. */
  client: Readonly<{ url?: string; key?: string }>;
}>;

/** Injection token of {@link Settings}. */
export const SETTINGS = Symbol('SETTINGS');

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reports every mistake in the settings, each beginning with the setting's name. Never repeats a value, because some
 * are secrets.
 */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';

  constructor(readonly mistakes: readonly string[]) {
    super(
      mistakes.length === 1
        ? `${mistakes[0]}`
        : `Wrong settings:\n${mistakes.map((m) => `  ${m}`).join('\n')}`,
    );
  }
}

/**
 * Reads and checks all settings at once. An empty variable counts as not set.
 * @throws InvalidSettings with all mistakes together, unknown `VERBATIM_…` names among them
 */
export const loadSettings = (env: Environment): Settings => {
  const mistakes = unknownNames(env);
  const read = <N extends SettingName>(name: N): SettingValue<N> | undefined => {
    const { parse, default: preset } = SETTINGS_TABLE[name] as Setting<SettingValue<N>>;
    const text = env[name] || preset;
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      mistakes.push(`${name} ${(error as Error).message}`);
      return undefined;
    }
  };
  const tokens = tokenTexts(read);
  const settings = group(read, tokens);
  mistakes.push(...contradictions(settings), ...tokenMistakes(tokens));
  if (mistakes.length > 0) throw new InvalidSettings(mistakes);
  return settings;
};

type Read = <N extends SettingName>(name: N) => SettingValue<N> | undefined;

/** Groups the settings. One that has a default is undefined only after a mistake, and then the result is never used. */
const group = (read: Read, tokens: TokenTexts): Settings => ({
  http: { port: read('VERBATIM_PORT') ?? 0, host: read('VERBATIM_HOST') ?? '', ...tlsOf(read) },
  dataDir: resolve(read('VERBATIM_DATA_DIR') ?? ''),
  disk: { reserveBytes: read('VERBATIM_DISK_RESERVE') ?? 0 },
  eventStore: {
    ...optional('url', read('VERBATIM_EVENTSTORE_URL')),
    ...optional('scope', read('VERBATIM_EVENTSTORE_SCOPE')),
  },
  postgres: optional('url', read('VERBATIM_POSTGRES_URL')),
  roles: read('VERBATIM_ROLES') ?? SERVICE_ROLES,
  rate: { perSecond: read('VERBATIM_RATE_LIMIT') ?? 0, burst: read('VERBATIM_RATE_BURST') ?? 0 },
  people: {
    perSecond: read('VERBATIM_PEOPLE_RATE_LIMIT') ?? 0,
    burst: read('VERBATIM_PEOPLE_RATE_BURST') ?? 0,
  },
  consumers: read('VERBATIM_CONSUMERS') ?? 0,
  strangers: {
    inAll: read('VERBATIM_STRANGERS') ?? 0,
    perAddress: read('VERBATIM_STRANGERS_PER_ADDRESS') ?? 0,
    proxies: read('VERBATIM_TRUSTED_PROXIES') ?? [],
  },
  origins: read('VERBATIM_ORIGINS') ?? [],
  audit: { witnesses: read('VERBATIM_AUDIT_WITNESSES') ?? [] },
  recount: { everyMinutes: read('VERBATIM_RECOUNT_MINUTES') ?? 0 },
  node: read('VERBATIM_NODE') ?? '',
  log: { level: read('VERBATIM_LOG_LEVEL') ?? 'info' },
  metrics: optional('token', read('VERBATIM_METRICS_TOKEN')),
  access: optional('adminKey', read('VERBATIM_ADMIN_KEY')),
  ...tokensIn(tokens),
  client: { ...optional('url', read('VERBATIM_URL')), ...optional('key', read('VERBATIM_KEY')) },
});

/** Returns an empty path for the missing file when only one of the two is set; {@link contradictions} reports that. */
const tlsOf = (read: Read): { tls?: TlsFiles } => {
  const [cert, key] = [read('VERBATIM_TLS_CERT_FILE'), read('VERBATIM_TLS_KEY_FILE')];
  if (cert === undefined && key === undefined) return {};
  return { tls: { cert: absolute(cert), key: absolute(key) } };
};

const absolute = (path: string | undefined): string => (path === undefined ? '' : resolve(path));

const tokenTexts = (read: Read): TokenTexts => ({
  secret: read('VERBATIM_JWT_SECRET'),
  secretFile: read('VERBATIM_JWT_SECRET_FILE'),
  jwksFile: read('VERBATIM_JWT_JWKS_FILE'),
  jwksUrl: read('VERBATIM_JWT_JWKS_URL'),
  issuer: read('VERBATIM_JWT_ISSUER'),
  audience: read('VERBATIM_JWT_AUDIENCE'),
  algorithms: read('VERBATIM_JWT_ALGORITHMS') ?? [],
  names: {
    role: read('VERBATIM_JWT_ROLE_CLAIM') ?? '',
    bot: read('VERBATIM_JWT_BOT_CLAIM') ?? '',
    toleranceMs: (read('VERBATIM_JWT_CLOCK_TOLERANCE') ?? 0) * 1_000,
  },
});

const tokensIn = (texts: TokenTexts): Pick<Settings, 'tokens'> => {
  const tokens = tokenSettings(texts);
  return tokens === undefined ? {} : { tokens };
};

const optional = <K extends string>(
  key: K,
  value: string | undefined,
): Readonly<Partial<Record<K, string>>> =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, string>>;

const unknownNames = (env: Environment): string[] => {
  const known = Object.keys(SETTINGS_TABLE);
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !known.includes(name))
    .map((name) => `${printable(name)} is not a setting; did you mean ${nearest(name, known)}?`);
};

/**
 * Matches a variable that is meant for us, also after characters that belong to no name, such as a byte order mark,
 * blanks or `export`. A name like OTHER_VERBATIM_PORT belongs to other software.
 */
const OURS = /^(?:[^A-Za-z0-9_]*(?:export\s+)?)VERBATIM_/i;

const printable = (name: string): string =>
  /^\w+$/.test(name) ? name : JSON.stringify(name).replaceAll(/[^ -~]/g, escaped);

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Lists contradictions between settings. Roles that run apart must share their stores, and an embedded engine belongs
 * to the process that started it.
 */
const contradictions = ({ http, roles, eventStore, postgres }: Settings): string[] => {
  if (http.tls?.cert === '') return ['VERBATIM_TLS_CERT_FILE must be set when VERBATIM_TLS_KEY_FILE is'];
  if (http.tls?.key === '') return ['VERBATIM_TLS_KEY_FILE must be set when VERBATIM_TLS_CERT_FILE is'];
  if (roles.length === SERVICE_ROLES.length) return [];
  const missing = [
    ...(eventStore.url === undefined ? ['VERBATIM_EVENTSTORE_URL'] : []),
    ...(postgres.url === undefined ? ['VERBATIM_POSTGRES_URL'] : []),
  ];
  return missing.map((name) => `${name} must be set when VERBATIM_ROLES names fewer than all roles`);
};

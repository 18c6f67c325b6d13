import { hostname } from 'node:os';
import {
  adminKey,
  byteSize,
  hostName,
  line,
  longSecret,
  networks,
  oneOf,
  origins,
  secureUrl,
  someOf,
  token,
  urlOf,
  wholeNumber,
  witnesses,
  word,
  type Parser,
} from './setting-parsers.js';

import { TOKEN_ALGORITHMS } from './token-settings.js';

export const SERVICE_ROLES = ['gateway', 'projector', 'admin', 'audit'] as const;
export type ServiceRole = (typeof SERVICE_ROLES)[number];

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Defines a setting: its meaning, its parser, and its default as text. */
export type Setting<T> = Readonly<{
  meaning: string;
  parse: Parser<T>;
  default?: string;
  defaultMeaning?: string;
}>;

const setting = <T>(definition: Setting<T>): Setting<T> => definition;

/** Lists every setting by the name of its environment variable. Any other variable called VERBATIM_… is a mistake. */
export const SETTINGS_TABLE = {
  VERBATIM_PORT: setting({
    meaning: 'Port for HTTP and Socket.IO; 0 takes any free one.',
    parse: wholeNumber(0, 65_535),
    default: '8000',
  }),
  VERBATIM_HOST: setting({
    meaning:
      'Address to listen on. Before you open it to a network, put TLS in front, or name a certificate.',
    parse: hostName,
    default: '127.0.0.1',
  }),
  VERBATIM_TLS_CERT_FILE: setting({
    meaning:
      'File of the certificate to serve HTTPS with, and those between it and its authority, in PEM. Read again when it changes.',
    parse: line(4096),
    defaultMeaning: 'HTTP',
  }),
  VERBATIM_TLS_KEY_FILE: setting({
    meaning: 'File of its private key, in PEM, without a passphrase.',
    parse: line(4096),
    defaultMeaning: 'HTTP',
  }),
  VERBATIM_DATA_DIR: setting({
    meaning: 'Folder of the embedded engines and of the keys kept for the command line (mode 0700).',
    parse: line(4096),
    default: '.verbatim',
  }),
  VERBATIM_DISK_RESERVE: setting({
    meaning:
      'Room on the disks of the embedded stores below which a warning is given, such as 500 MiB or 2 GiB; 0 for none.',
    parse: byteSize,
    default: '1GiB',
  }),
  VERBATIM_EVENTSTORE_URL: setting({
    meaning: 'Connection string of an EventStoreDB (esdb://…).',
    parse: urlOf('esdb', 'esdb+discover'),
    defaultMeaning: 'the embedded event store',
  }),
  VERBATIM_EVENTSTORE_SCOPE: setting({
    meaning:
      'A word that the names of all streams begin with (`<word>.messages-…`), so that several Verbatims can share one event store. Never change it later: the log would be empty.',
    parse: word,
    defaultMeaning: 'none: an event store of its own',
  }),
  VERBATIM_POSTGRES_URL: setting({
    meaning:
      'URL of a PostgreSQL database for the read models (postgres://user:password@host:5432/database).',
    parse: urlOf('postgres', 'postgresql'),
    defaultMeaning: 'the embedded PostgreSQL',
  }),
  VERBATIM_ROLES: setting({
    meaning:
      'Roles of this process. Fewer than all need both store URLs: an embedded engine serves one process only.',
    parse: someOf(SERVICE_ROLES),
    default: SERVICE_ROLES.join(','),
  }),
  VERBATIM_RATE_LIMIT: setting({
    meaning: 'Requests a second that a bot may keep up.',
    parse: wholeNumber(1, 1_000_000),
    default: '200',
  }),
  VERBATIM_RATE_BURST: setting({
    meaning: 'Requests that a bot may send at once after a pause.',
    parse: wholeNumber(1, 1_000_000),
    default: '400',
  }),
  VERBATIM_PEOPLE_RATE_LIMIT: setting({
    meaning: 'Requests over HTTP a second that a key of an admin or auditor may keep up, at each process.',
    parse: wholeNumber(1, 1_000_000),
    default: '200',
  }),
  VERBATIM_PEOPLE_RATE_BURST: setting({
    meaning: 'Requests over HTTP that such a key may send at once after a pause.',
    parse: wholeNumber(1, 1_000_000),
    default: '2000',
  }),
  VERBATIM_CONSUMERS: setting({
    meaning: 'Consumers that a bot may use at one gateway before it restarts; further names are refused.',
    parse: wholeNumber(1, 1_000_000),
    default: '64',
  }),
  VERBATIM_STRANGERS: setting({
    meaning: 'Connections without an accepted key that may be open at once.',
    parse: wholeNumber(1, 1_000_000),
    default: '4000',
  }),
  VERBATIM_STRANGERS_PER_ADDRESS: setting({
    meaning: 'Such connections that one address, or one /64 network of IPv6, may have open at once.',
    parse: wholeNumber(1, 1_000_000),
    default: '1000',
  }),
  VERBATIM_TRUSTED_PROXIES: setting({
    meaning:
      'Addresses and networks (10.0.0.0/8) of proxies whose X-Forwarded-For is believed, separated by commas.',
    parse: networks,
    defaultMeaning: 'no proxy is believed',
  }),
  VERBATIM_ORIGINS: setting({
    meaning:
      'Origins of pages (https://console.example.org) that may use this server from a browser, besides its own, separated by commas; * for any.',
    parse: origins,
    defaultMeaning: 'only pages of this server',
  }),
  VERBATIM_AUDIT_WITNESSES: setting({
    meaning:
      'Witnesses that are asked to cosign the audit log (https://witness.example.org/#<public key>), separated by commas.',
    parse: witnesses,
    defaultMeaning: 'none',
  }),
  VERBATIM_RECOUNT_MINUTES: setting({
    meaning:
      'Minutes from one comparison of a read model with the log to the next, in the background; 0: never.',
    parse: wholeNumber(0, 1_000_000),
    default: '1440',
  }),
  VERBATIM_NODE: setting({
    meaning: 'Name of this process in the metadata of the events it writes.',
    parse: line(128),
    default: hostname(),
    defaultMeaning: 'the host name',
  }),
  VERBATIM_LOG_LEVEL: setting({
    meaning: `${LOG_LEVELS.join(', ')}.`,
    parse: oneOf(LOG_LEVELS),
    default: 'info',
  }),
  VERBATIM_METRICS_TOKEN: setting({
    meaning: 'Bearer token that lets other machines read /metrics.',
    parse: token,
    defaultMeaning: 'only this machine may read it',
  }),
  VERBATIM_ADMIN_KEY: setting({
    meaning:
      'An admin key that you made yourself, for roles that run apart. It is added to the existing keys.',
    parse: adminKey,
    defaultMeaning: 'a key is made at first start and kept in <data folder>/admin.key',
  }),
  VERBATIM_JWT_JWKS_URL: setting({
    meaning:
      'Address of the public keys (JWKS) of an identity provider whose tokens (JWT) are accepted besides keys.',
    parse: secureUrl,
    defaultMeaning: 'no tokens are taken',
  }),
  VERBATIM_JWT_JWKS_FILE: setting({
    meaning: 'File with such keys, read at start, instead of an address.',
    parse: line(4_096),
    defaultMeaning: 'none',
  }),
  VERBATIM_JWT_SECRET: setting({
    meaning: 'Secret of at least 32 characters that tokens are signed with (HS256), instead of public keys.',
    parse: longSecret,
    defaultMeaning: 'none',
  }),
  VERBATIM_JWT_SECRET_FILE: setting({
    meaning: 'File with that secret, read at start.',
    parse: line(4_096),
    defaultMeaning: 'none',
  }),
  VERBATIM_JWT_ISSUER: setting({
    meaning: 'Value that `iss` of a token must have.',
    parse: line(512),
    defaultMeaning: 'must be set where tokens are taken',
  }),
  VERBATIM_JWT_AUDIENCE: setting({
    meaning: 'Value that `aud` of a token must be or contain.',
    parse: line(512),
    defaultMeaning: 'must be set where tokens are taken',
  }),
  VERBATIM_JWT_ALGORITHMS: setting({
    meaning: 'How tokens may be signed, with public keys: any of RS256, PS256, ES256, EdDSA.',
    parse: someOf(TOKEN_ALGORITHMS),
    default: 'RS256,PS256,ES256,EdDSA',
  }),
  VERBATIM_JWT_ROLE_CLAIM: setting({
    meaning: 'The claim that says bot, admin or auditor.',
    parse: line(128),
    default: 'role',
  }),
  VERBATIM_JWT_BOT_CLAIM: setting({
    meaning: 'The claim that names the bot, for the role bot.',
    parse: line(128),
    default: 'bot',
  }),
  VERBATIM_JWT_CLOCK_TOLERANCE: setting({
    meaning: 'Seconds by which clocks may differ from the identity provider’s.',
    parse: wholeNumber(0, 120),
    default: '5',
  }),
  VERBATIM_URL: setting({
    meaning: 'Where the command line finds the server.',
    parse: urlOf('http', 'https'),
    defaultMeaning: 'http://127.0.0.1:<VERBATIM_PORT>',
  }),
  VERBATIM_KEY: setting({
    meaning: 'Key that the command line presents to the server.',
    parse: line(512),
    defaultMeaning: 'the key kept in the data folder',
  }),
} as const;

export type SettingName = keyof typeof SETTINGS_TABLE;
export type SettingValue<N extends SettingName> =
  (typeof SETTINGS_TABLE)[N] extends Setting<infer T> ? T : never;

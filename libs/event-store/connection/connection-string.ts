import { nearest } from '#libs/platform/config/nearest-name.js';
import { PARAMETERS, parameterNamed, type Parameter } from './parameters.js';

export type Node = Readonly<{ address: string; port: number }>;

/** The contents of a connection string, without user and password so that they can be shown. */
export type ConnectionPlan = Readonly<{
  /** Nodes to connect to, or to ask for the members of the cluster. */
  nodes: readonly Node[];
  /** Whether the nodes are first asked for the members of the cluster. */
  discovers: boolean;
  tls: boolean;
  hasCredentials: boolean;
  /** Names of the given files, by the parameter that names them. */
  files: Readonly<Partial<Record<'tlsCAFile' | 'userCertFile' | 'userKeyFile', string>>>;
}>;

/**
 * Reports an unusable connection string. The message completes "NAME …" and repeats no part of the string that may be
 * secret.
 */
export class UnusableConnectionString extends Error {
  override readonly name = 'UnusableConnectionString';
}

const FORM =
  /^esdb(?<discover>\+discover)?:\/\/(?:(?<credentials>[^:]+:[^@]+)@)?(?<hosts>[^?]*)(?<query>\?.*)?$/su;
const DEFAULT_PORT = 2113;

/**
 * Reads a connection string as the client does, and refuses one that the client would misread: a `:` in a password
 * would end it there, and a misspelt parameter would be ignored.
 * @throws UnusableConnectionString
 */
export const readConnectionString = (text: string): ConnectionPlan => {
  const { discover, credentials, hosts = '', query = '' } = partsOf(text);
  if (credentials !== undefined) checkCredentials(credentials);
  const nodes = readNodes(hosts);
  const values = readQuery(query);
  if (values.has('userCertFile') !== values.has('userKeyFile'))
    throw new UnusableConnectionString('needs both userCertFile and userKeyFile, or neither');
  const files = ['tlsCAFile', 'userCertFile', 'userKeyFile'].flatMap((name) => {
    const file = values.get(name);
    return file === undefined ? [] : [[name, file] as const];
  });
  return {
    nodes: discover ? nodes.slice(0, 1) : nodes,
    discovers: discover !== undefined || nodes.length > 1,
    tls: values.get('tls') !== 'false',
    hasCredentials: credentials !== undefined,
    files: Object.fromEntries(files),
  };
};

/**
 * Returns the string without `tlsVerifyCert`, which this client does not support. The client would answer it with a
 * console warning that contains the whole string, including the password.
 */
export const withoutVerifySwitch = (text: string): string => {
  const { query = '' } = FORM.exec(text.trim())?.groups ?? {};
  if (query === '') return text;
  const kept = pairsOf(query).filter((pair) => parameterNamed(nameIn(pair))?.name !== 'tlsVerifyCert');
  const before = text.trim().slice(0, -query.length);
  return kept.length === 0 ? before : `${before}?${kept.join('&')}`;
};

const partsOf = (text: string): Partial<Record<string, string>> => {
  const groups = FORM.exec(text.trim().replace(/\/+$/u, ''))?.groups;
  if (groups === undefined)
    throw new UnusableConnectionString('must be esdb://user:password@host:port?parameter=value');
  return groups;
};

const checkCredentials = (credentials: string): void => {
  if (/\?[a-z]+=/iu.test(credentials))
    throw new UnusableConnectionString('has an @ in a parameter: write it as %40');
  if (credentials.split(':').length > 2)
    throw new UnusableConnectionString('has a : in the user or the password: write it as %3A');
  decode(credentials, 'user or password');
};

const readNodes = (hosts: string): Node[] => {
  if (hosts.includes('@')) throw new UnusableConnectionString(LOST_AT);
  const listed = hosts.split(/[,/]/u);
  if (listed.at(-1) === '') listed.pop();
  if (listed.length === 0) throw new UnusableConnectionString('names no host: esdb://host:2113');
  return listed.map(readNode);
};

const LOST_AT =
  'has an @ where the host should be: write user:password@host, and an @ of the user or the password as %40';

const readNode = (text: string): Node => {
  const [address = '', port = String(DEFAULT_PORT), ...rest] = text.trim().split(':');
  if (rest.length > 0 || !/^[^$+!?*'(),;[\]{}|"%~#<>=&]+$/u.test(address)) {
    throw new UnusableConnectionString(
      'names no host that can be used: write host:port (a name for an IPv6 address), and special characters of the user or the password percent-encoded',
    );
  }
  if (!/^\d{1,5}$/u.test(port) || Number(port) > 65_535 || Number(port) === 0)
    throw new UnusableConnectionString('has a port that is not a number from 1 to 65535');
  return { address, port: Number(port) };
};

const readQuery = (query: string): Map<string, string> => {
  const values = new Map<string, string>();
  for (const pair of pairsOf(query)) {
    const written = nameIn(pair);
    const value = pair.slice(written.length + 1).trim();
    if (written === '' || value === '')
      throw new UnusableConnectionString('has something after the ? that is not parameter=value');
    const { name, rule } = knownParameter(written);
    if (!rule.test(value)) throw new UnusableConnectionString(`has a ${name} that is not ${rule.meaning}`);
    values.set(name, decode(value, name));
  }
  return values;
};

const knownParameter = (written: string): Parameter => {
  const known = parameterNamed(written);
  if (known !== undefined) return known;
  const names = PARAMETERS.map(({ name }) => name);
  const shown = /^\w{1,40}$/u.test(written) ? `"${written}"` : 'that name';
  throw new UnusableConnectionString(
    `has no parameter called ${shown} (did you mean ${nearest(written.slice(0, 40), names)}?)`,
  );
};

const pairsOf = (query: string): string[] => (query === '' ? [] : query.slice(1).split('&'));

const nameIn = (pair: string): string => pair.split('=', 1)[0] ?? '';

const decode = (text: string, where: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UnusableConnectionString(
      `has a % in the ${where} that is not part of a percent-encoded character: write it as %25`,
    );
  }
};

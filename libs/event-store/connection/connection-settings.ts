import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseConnectionString } from '@eventstore/db-client/dist/Client/parseConnectionString.js';
import { credentials } from '@grpc/grpc-js';
import { v4 as uuidv4 } from 'uuid';
import type { ChannelCredentials } from '@grpc/grpc-js';
import type { Endpoint } from './endpoint.js';

type Parsed = ReturnType<typeof parseConnectionString>;

export type NodePreference = 'leader' | 'follower' | 'read_only_replica' | 'random';

/** Says how and where to reach the store. Times are in ms. */
export type ConnectionSettings = Readonly<{
  /**
   * `one`: only this node. `cluster`: each of these nodes knows the others. `discover`: a name with an address for each
   * node.
   */
  kind: 'one' | 'cluster' | 'discover';
  seeds: readonly [Endpoint, ...Endpoint[]];
  preference: NodePreference;
  /** Pause between two questions to a member. */
  discoveryIntervalMs: number;
  /** Number of questions to a member before the search is given up. */
  maxDiscoverAttempts: number;
  gossipTimeoutMs: number;
  /** Interval of keep-alive pings; Infinity for never. */
  keepAliveIntervalMs: number;
  keepAliveTimeoutMs: number;
  connectionName: string;
  /** Sent with every call over TLS. */
  authorization: string | undefined;
  security: ChannelCredentials;
}>;

/**
 * Values for parameters that the connection string leaves out. For a single node they are the client's own: there is no
 * other node to use, so a hanging node is waited for. In a cluster, a member that was killed, frozen or cut off is left
 * within keepAliveInterval + keepAliveTimeout, and the next leader is found within discoveryInterval of its election.
 */
export const CONNECTION_DEFAULTS = {
  one: { keepAliveInterval: 10_000, keepAliveTimeout: 10_000 },
  cluster: { keepAliveInterval: 1_000, keepAliveTimeout: 2_000 },
  /** In seconds, as in the client. */
  gossipTimeout: 1,
  discoveryInterval: 100,
  maxDiscoverAttempts: 30,
  nodePreference: 'leader',
} as const;

/** @throws Error when the connection string cannot be understood, or a file that it names is missing */
export const readConnectionSettings = (connectionString: string): ConnectionSettings => {
  const parsed = parseConnectionString(connectionString);
  const [first, ...others] = parsed.hosts;
  if (!first) throw new Error('The connection string names no host');
  const kind = parsed.dnsDiscover ? 'discover' : others.length > 0 ? 'cluster' : 'one';
  const keepAlive = CONNECTION_DEFAULTS[kind === 'one' ? 'one' : 'cluster'];
  return {
    kind,
    seeds: kind === 'cluster' ? [first, ...others] : [first],
    preference: parsed.nodePreference ?? CONNECTION_DEFAULTS.nodePreference,
    discoveryIntervalMs: parsed.discoveryInterval ?? CONNECTION_DEFAULTS.discoveryInterval,
    maxDiscoverAttempts: parsed.maxDiscoverAttempts ?? CONNECTION_DEFAULTS.maxDiscoverAttempts,
    gossipTimeoutMs: 1_000 * (parsed.gossipTimeout ?? CONNECTION_DEFAULTS.gossipTimeout),
    keepAliveIntervalMs: orNever(parsed.keepAliveInterval ?? keepAlive.keepAliveInterval),
    keepAliveTimeoutMs: orNever(parsed.keepAliveTimeout ?? keepAlive.keepAliveTimeout),
    connectionName: parsed.connectionName ?? uuidv4(),
    authorization: authorizationOf(parsed),
    security: securityOf(parsed),
  };
};

/** Turns a negative time, which means never, into Infinity. */
const orNever = (ms: number): number => (ms < 0 ? Infinity : ms);

/** Returns no credentials without TLS, because anybody on the way could read them. */
const authorizationOf = ({ tls, defaultCredentials }: Parsed): string | undefined => {
  if (tls === false || !defaultCredentials) return undefined;
  const { username, password } = defaultCredentials;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
};

const securityOf = ({ tls, tlsCAFile, userCertFile, userKeyFile }: Parsed): ChannelCredentials => {
  if (!userCertFile !== !userKeyFile) throw new Error('userCertFile and userKeyFile go together');
  if (tls === false) return credentials.createInsecure();
  return credentials.createSsl(
    tlsCAFile ? contentOf('tlsCAFile', tlsCAFile) : null,
    userKeyFile ? contentOf('userKeyFile', userKeyFile) : null,
    userCertFile ? contentOf('userCertFile', userCertFile) : null,
  );
};

const contentOf = (parameter: string, file: string): Buffer => {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`There is no file ${path}, which ${parameter} names`);
  return readFileSync(path);
};

import { hostname } from 'node:os';
import type { GrpcServerOptions } from '../grpc/grpc-server.js';
import { isLoopback } from './open-door-warning.js';
import { connectionStringFor, provideAccess, STORE_USER } from './store-access.js';

export interface DoorOptions extends GrpcServerOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly secure?: boolean | undefined;
  readonly warn?: ((line: string) => void) | undefined;
}

/** Decides whom the node lets in, and tells clients how to connect. */
export interface Door {
  readonly asks: GrpcServerOptions;
  /** Name that the node gives to clients which discover it. */
  readonly name: string;
  connectionString(port: number): string;
}

/**
 * Makes the door that the options ask for. With `secure` it makes missing credentials. Take the data folder's lock
 * first.
 * @throws the file system's error
 */
export const makeDoor = async (options: DoorOptions): Promise<Door> => {
  const { dataDir, host, tls, credentials, secure, warn = () => {} } = options;
  if (!secure)
    return {
      asks: { tls, credentials },
      name: nameOf(host, tls !== undefined),
      connectionString: (port) => connectionString(options, port),
    };
  const access = await provideAccess(dataDir, host, warn);
  const { certificate, key, password } = access;
  return {
    asks: { tls: { certificate, key }, credentials: { username: STORE_USER, password } },
    name: nameOf(host, true),
    connectionString: (port) => connectionStringFor(dataDir, port, access),
  };
};

/**
 * Returns the name that clients connect to, unless an option gives one. With TLS it must be a host name: a client that
 * connects to an IP address has no server name to ask for. A client can't connect to "every address" either.
 */
const nameOf = (host: string, encrypted: boolean): string => {
  if (host === '0.0.0.0' || host === '::') return hostname();
  return encrypted && isLoopback(host) ? 'localhost' : host;
};

const connectionString = ({ host, tls, credentials }: DoorOptions, port: number): string => {
  const user = credentials
    ? `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`
    : '';
  return `esdb://${user}${host}:${port}?tls=${tls !== undefined}`;
};

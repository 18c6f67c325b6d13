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

/** Whom the node lets in, and how clients get in. */
export interface Door {
  readonly asks: GrpcServerOptions;
  /** By this name the node tells discovering clients of itself. */
  readonly name: string;
  connectionString(port: number): string;
}

/**
 * The door that the options ask for; with `secure` the credentials are made if need be. The folder must be taken.
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
 * What clients are told to connect to, unless an option says it. An address of TLS is a name: a client that is sent to an
 * IP address has none to ask for. "Every address" is none that a client could connect to.
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

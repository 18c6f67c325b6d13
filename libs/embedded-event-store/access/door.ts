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
      name: host,
      connectionString: (port) => connectionString(options, port),
    };
  const access = await provideAccess(dataDir, host, warn);
  const { certificate, key, password } = access;
  return {
    asks: { tls: { certificate, key }, credentials: { username: STORE_USER, password } },
    // A client that is sent to an IP address has no name to ask for, which Node warns of.
    name: isLoopback(host) ? 'localhost' : host,
    connectionString: (port) => connectionStringFor(dataDir, port, access),
  };
};

const connectionString = ({ host, tls, credentials }: DoorOptions, port: number): string => {
  const user = credentials
    ? `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`
    : '';
  return `esdb://${user}${host}:${port}?tls=${tls !== undefined}`;
};

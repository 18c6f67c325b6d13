/** The options of a node that decide who gets in. */
export interface DoorAsked {
  readonly host?: string | undefined;
  readonly tls?: object | undefined;
  readonly credentials?: object | undefined;
  readonly secure?: boolean | undefined;
}

/**
 * Returns a one-line warning for the operator of a node that lets people in without a password; undefined if it asks
 * for one.
 */
export const openDoorWarning = ({
  host = '127.0.0.1',
  tls,
  credentials,
  secure,
}: DoorAsked): string | undefined => {
  if (secure || credentials) return undefined;
  const more = tls
    ? '--user and --password-file'
    : '--secure, or --tls-certificate, --tls-key, --user and --password-file';
  const what = 'can read, change and delete everything in it';
  return isLoopback(host)
    ? `warning: it asks for no password: every user and program of this machine ${what}. Start it with ${more}`
    : `WARNING! It asks for no password${tls ? '' : ' and encrypts nothing'}: EVERYBODY WHO REACHES ${host} OVER THE NETWORK ${what}. Start it with ${more}`;
};

/** Returns whether only this machine can reach a node that listens on this host. */
export const isLoopback = (host: string): boolean => /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/u.test(host);

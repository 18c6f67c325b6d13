/** The address at which a member of the store listens. */
export type Endpoint = Readonly<{
  /** Host name or IP address. */
  address: string;
  port: number;
  /** The name in its certificate, if it differs from the address. */
  certifiedName?: string;
}>;

export const sameEndpoint = (one: Endpoint | undefined, other: Endpoint | undefined): boolean =>
  one?.address === other?.address && one?.port === other?.port;

export const endpointText = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Removes duplicates and keeps the first of each. */
export const distinctEndpoints = (endpoints: readonly Endpoint[]): Endpoint[] =>
  endpoints.filter((one, index) => endpoints.findIndex((other) => sameEndpoint(one, other)) === index);

/** Where a member of the store listens. */
export type Endpoint = Readonly<{
  /** A name or an address. */
  address: string;
  port: number;
  /** The name its certificate is for, if another than the address. */
  certifiedName?: string;
}>;

export const sameEndpoint = (one: Endpoint | undefined, other: Endpoint | undefined): boolean =>
  one?.address === other?.address && one?.port === other?.port;

export const endpointText = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Each once, the first of those that are alike. */
export const distinctEndpoints = (endpoints: readonly Endpoint[]): Endpoint[] =>
  endpoints.filter((one, index) => endpoints.findIndex((other) => sameEndpoint(one, other)) === index);

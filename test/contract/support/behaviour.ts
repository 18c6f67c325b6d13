import { it } from 'vitest';

/** Where EventStoreDB documents this behaviour: a page of its documentation, or a file of its source or its clients. */
export type Source = string;

/** A file of the server, in the repository EventStore/EventStore under `src/EventStore.Core`. */
export const core = (file: string, what: string): Source => `EventStore.Core/${file}: ${what}`;
/** A page of the documentation, in the same repository under `docs`. */
export const docs = (page: string, section: string): Source => `docs/${page}: ${section}`;
/** A page of the clients' documentation, https://docs.kurrent.io/clients/grpc. */
export const clients = (page: string): Source => `docs.kurrent.io/clients/grpc/${page}`;
/** A test of the client, in the repository EventStore/EventStore-Client-NodeJS under `packages/test/src`. */
export const clientTest = (file: string): Source => `EventStore-Client-NodeJS/packages/test/src/${file}`;

/** Tests one behaviour of the server. The report names its source, because a server that differs is judged by it. */
export const behaviour = (title: string, source: Source, check: () => Promise<void>): void => {
  it(`${title} [${source}]`, check);
};

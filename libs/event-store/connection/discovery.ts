import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { connectivityState } from '@grpc/grpc-js';
import type { Channel } from '@grpc/grpc-js';
import { StoreUnavailable } from '../event-store.errors.js';
import { sleep } from '#libs/time/sleep.js';
import { chooseMember } from './choose-member.js';
import { distinctEndpoints, endpointText, sameEndpoint } from './endpoint.js';
import { askForMembers } from './gossip.js';
import { storeChannel } from './store-channel.js';
import type { View } from './choose-member.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { Endpoint } from './endpoint.js';

/** The member in use and the channel to it. */
export type Line = Readonly<{ endpoint: Endpoint; channel: Channel }>;

export type Known = Readonly<{
  /** Members found by the last search. The names of the connection string may no longer lead anywhere. */
  members: readonly Endpoint[];
  /** The leader that a member has named. */
  named: Endpoint | undefined;
  /** The line that was in use. It is used again if it still works and leads to the right member. */
  line: Line | undefined;
}>;

export type Found = Readonly<{ line: Line; members: readonly Endpoint[] }>;

type Asked = { endpoint: Endpoint; channel: Channel; view?: View; trouble?: string };

/**
 * Searches once for the member to use. All known members are asked at the same time, again and again, each at its own
 * pace, so that a frozen member delays nobody and a new leader is found as soon as it says so. Members that others name
 * are asked too.
 */
export class Discovery {
  readonly #asked: Asked[] = [];
  readonly #over = new AbortController();
  #unresolved = 0;
  #trouble: string | undefined;
  #finish: (endpoint?: Asked) => void = () => undefined;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly known: Known,
  ) {}

  /** @throws StoreUnavailable with the answer of each member when none was found in time, or when the signal aborts */
  async findMember(signal: AbortSignal): Promise<Found> {
    const { discoveryIntervalMs, maxDiscoverAttempts, gossipTimeoutMs } = this.settings;
    const end = AbortSignal.any([signal, this.#over.signal]);
    const chosen = await new Promise<Asked | undefined>((resolve) => {
      this.#finish = resolve;
      this.#askAll();
      void sleep(maxDiscoverAttempts * discoveryIntervalMs + gossipTimeoutMs, end).then(() =>
        resolve(undefined),
      );
    });
    this.#over.abort();
    for (const { channel } of this.#asked) {
      if (channel !== chosen?.channel && channel !== this.known.line?.channel) channel.close();
    }
    if (!chosen) throw new StoreUnavailable(this.#whyNot(signal.aborted));
    const members = chosen.view?.members.map(({ endpoint }) => endpoint) ?? [];
    return { line: { endpoint: chosen.endpoint, channel: chosen.channel }, members };
  }

  #askAll(): void {
    const { kind, seeds } = this.settings;
    const { members, named } = this.known;
    for (const endpoint of [...(named ? [named] : []), ...members]) this.#ask(endpoint);
    if (kind === 'discover') void this.#askThoseCalled(seeds[0]);
    else for (const seed of seeds) this.#ask(seed);
  }

  async #askThoseCalled(name: Endpoint): Promise<void> {
    this.#unresolved += 1;
    try {
      for (const endpoint of await resolveAll(name)) this.#ask(endpoint);
    } catch (error) {
      this.#trouble = `${name.address}: ${(error as Error).message}`;
    }
    this.#unresolved -= 1;
    this.#decide();
  }

  #ask(endpoint: Endpoint): void {
    if (this.#over.signal.aborted) return;
    if (this.#asked.some((asked) => sameEndpoint(asked.endpoint, endpoint))) return;
    const { line } = this.known;
    const isReusable = sameEndpoint(line?.endpoint, endpoint) && isReady(line?.channel);
    const channel = isReusable ? line!.channel : storeChannel(this.settings, endpoint);
    const asked: Asked = { endpoint, channel };
    this.#asked.push(asked);
    void this.#askAgainAndAgain(asked);
  }

  async #askAgainAndAgain(asked: Asked): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        const members = await askForMembers(asked.channel, this.settings.gossipTimeoutMs);
        asked.view = { from: asked.endpoint, members };
        delete asked.trouble;
        for (const { endpoint, isAlive } of members) if (isAlive) this.#ask(endpoint);
      } catch (error) {
        delete asked.view;
        asked.trouble = (error as Error).message;
      }
      this.#decide();
      await sleep(this.settings.discoveryIntervalMs, signal);
    }
  }

  #decide(): void {
    if (this.#over.signal.aborted) return;
    const views = this.#asked.flatMap(({ view }) => (view ? [view] : []));
    const silent = this.#asked.filter(({ view, trouble }) => !view && trouble === undefined).length;
    const { named } = this.known;
    const chosen = chooseMember(this.settings.preference, {
      views,
      silent: silent + this.#unresolved,
      named,
    });
    const found = chosen && this.#asked.find(({ endpoint }) => sameEndpoint(endpoint, chosen));
    if (found) this.#finish(found);
  }

  #whyNot(isGivenUp: boolean): string {
    if (isGivenUp) return 'The search for a member of the event store was given up';
    const wanted = this.settings.preference === 'leader' ? 'no leader' : 'nobody to use';
    const each = this.#asked.map(
      ({ endpoint, trouble, view }) =>
        `${endpointText(endpoint)}: ${trouble ?? (view ? `names ${wanted}` : 'does not answer')}`,
    );
    return `The cluster has ${wanted}; ${[...(this.#trouble ? [this.#trouble] : []), ...each].join('; ')}`;
  }
}

const isReady = (channel: Channel | undefined): boolean =>
  channel?.getConnectivityState(false) === connectivityState.READY;

/** Returns every address behind a name. Their certificates are for the name. */
const resolveAll = async ({ address, port }: Endpoint): Promise<Endpoint[]> => {
  if (isIP(address) !== 0) return [{ address, port }];
  const found = await lookup(address, { all: true });
  return distinctEndpoints(found.map((one) => ({ address: one.address, port, certifiedName: address })));
};

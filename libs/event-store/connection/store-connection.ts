import { connectivityState } from '@grpc/grpc-js';
import type { Channel } from '@grpc/grpc-js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Allowance } from '#libs/platform/limits/allowances.js';
import { StoreUnavailable } from '../event-store.errors.js';
import { cancelCall } from './cancel-call.js';
import { Discovery } from './discovery.js';
import { endpointText } from './endpoint.js';
import { isDoubtful, isLost, leaderNamedIn } from './failed-call.js';
import { storeChannel } from './store-channel.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { Line } from './discovery.js';
import type { Endpoint } from './endpoint.js';
import type { Ending } from './failed-call.js';

const CALL = new Boundary('log.call');

/** A call that has not ended. */
export interface OpenCall {
  cancel(): void;
  on(event: 'status', listener: (ending: Ending) => void): unknown;
}

/**
 * Limits on cancelled calls, per second and at once. A server ends the whole connection of a client that resets too
 * many streams (CVE-2023-44487). nghttp2, and so Node, does so at 33 a second after 1,000 resets.
 */
const CANCELLATIONS = { rate: 10, burst: 200 };

/**
 * Milliseconds after which a single node that accepts the connection but says nothing is tried again. They double with
 * each attempt in vain up to the largest wait, because on a machine without time to spare a handshake takes long.
 */
const CONNECT_MS = 5_000;
const MOST_CONNECT_MS = 20_000;
/**
 * Milliseconds without an owed answer after which a connection is left, unless keep-alive is set to find it earlier.
 */
const SILENT_MS = 10_000;

/**
 * Holds the line to the store that all calls of a process share: to the node of the connection string, or to the member
 * of a cluster that its gossip and its answers name. When a call shows that the member is gone or no longer leads, the
 * next calls wait together for one search. If the search finds the same member over the same line, open calls go on. If
 * it finds another member, the calls left on the old line are ended, because they may never hear from their member
 * again.
 */
export class StoreConnection {
  /** Limit for cancelling calls that could also be left to run out. */
  readonly cancellations = new Allowance(CANCELLATIONS);
  readonly #calls = new Map<OpenCall, Channel>();
  readonly #closing = new AbortController();
  #line: Line | undefined;
  /** The line that was in use, until another one is found. */
  #doubted: Line | undefined;
  #opening: Promise<Channel> | undefined;
  #named: Endpoint | undefined;
  /** Attempts to connect to the single node since one has succeeded. */
  #inVain = 0;
  #members: readonly Endpoint[] = [];

  constructor(readonly settings: ConnectionSettings) {}

  /** Returns whether calls go over this channel now. */
  isInUse(channel: Channel): boolean {
    return this.#line?.channel === channel;
  }

  /** Returns the channel for the next call. @throws StoreUnavailable when no member is found */
  async channel(): Promise<Channel> {
    if (this.#closing.signal.aborted) throw closed();
    if (this.#line) return this.#line.channel;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  /** Watches a call on this channel. Its end shows whether the line is still good. */
  watch(call: OpenCall, channel: Channel): void {
    this.#calls.set(call, channel);
    const ended = (ending: Ending): void => {
      this.#calls.delete(call);
      this.#judge(channel, ending);
    };
    call.on('status', CALL.guard(ended));
  }

  /** Reports that a cluster's member did not do what it should. The next call first looks for the member to use. */
  doubt(channel: Channel): void {
    if (this.settings.kind !== 'one') this.#leave(channel, undefined);
  }

  /**
   * Reports that the server owed an answer over this channel and sent none for so long. The next call then gets another
   * connection. A connection can answer pings and nevertheless bring nothing; only another one shows whether the server
   * is well. Calls that are open over the old connection may go on there.
   */
  leaveSilent(channel: Channel, silentMs: number): void {
    const isLong = silentMs >= Math.min(SILENT_MS, this.settings.keepAliveIntervalMs);
    if (isLong || this.settings.kind !== 'one') this.#leave(channel, undefined);
  }

  /** Ends all calls and the connection, which can't be used afterwards. */
  close(): void {
    this.#closing.abort();
    for (const call of this.#calls.keys()) cancelCall(call);
    for (const line of [this.#line, this.#doubted]) line?.channel.close();
    this.#line = undefined;
    this.#doubted = undefined;
  }

  /** Number of calls that have not ended. */
  get openCalls(): number {
    return this.#calls.size;
  }

  #judge(channel: Channel, ending: Ending): void {
    const named = leaderNamedIn(ending);
    const leaves = this.settings.kind === 'one' ? isLost(ending) : isDoubtful(ending);
    if (named || leaves) this.#leave(channel, named);
  }

  #leave(channel: Channel, named: Endpoint | undefined): void {
    if (!this.isInUse(channel)) return;
    this.#doubted = this.#line;
    this.#line = undefined;
    this.#named = named;
  }

  async #open(): Promise<Channel> {
    const doubted = this.#doubted;
    const line = this.settings.kind === 'one' ? await this.#connect() : await this.#find();
    if (this.#closing.signal.aborted) {
      line.channel.close();
      throw closed();
    }
    this.#line = line;
    this.#doubted = undefined;
    this.#named = undefined;
    if (doubted && doubted.channel !== line.channel) this.#end(doubted.channel);
    return line.channel;
  }

  async #find(): Promise<Line> {
    const known = { members: this.#members, named: this.#named, line: this.#doubted };
    const { line, members } = await new Discovery(this.settings, known).findMember(this.#closing.signal);
    this.#members = members;
    return line;
  }

  /** Connects to the single node. If the node refuses the connection, the call that is made over it reports that. */
  async #connect(): Promise<Line> {
    const endpoint = this.#named ?? this.settings.seeds[0];
    const channel = storeChannel(this.settings, endpoint);
    const stop = (): void => channel.close();
    this.#closing.signal.addEventListener('abort', stop);
    const withinMs = Math.min(MOST_CONNECT_MS, CONNECT_MS * 2 ** Math.min(this.#inVain, 8));
    const deadline = Date.now() + withinMs;
    let state = channel.getConnectivityState(true);
    while (state === connectivityState.IDLE || state === connectivityState.CONNECTING) {
      if (await changed(channel, state, deadline)) state = channel.getConnectivityState(true);
      else break;
    }
    this.#closing.signal.removeEventListener('abort', stop);
    const hasAnswered = state === connectivityState.READY || state === connectivityState.TRANSIENT_FAILURE;
    this.#inVain = hasAnswered ? 0 : this.#inVain + 1;
    if (hasAnswered) return { endpoint, channel };
    channel.close();
    this.#named = undefined;
    throw new StoreUnavailable(`${endpointText(endpoint)} did not answer within ${withinMs} ms`);
  }

  #end(channel: Channel): void {
    if (this.settings.kind !== 'one') {
      for (const [call, over] of this.#calls) if (over === channel) cancelCall(call);
    }
    channel.close();
  }
}

const closed = (): StoreUnavailable => new StoreUnavailable('The connection to the event store is closed');

/** Resolves to false when the state has not changed by the deadline. */
const changed = (channel: Channel, state: connectivityState, deadline: number): Promise<boolean> =>
  new Promise((resolve) => channel.watchConnectivityState(state, deadline, (late) => resolve(!late)));

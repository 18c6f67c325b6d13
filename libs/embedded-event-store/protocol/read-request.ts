import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { eventFilter, InvalidFilter, type EventFilter } from '../rules/event-filter.js';
import { invalidArgument } from './rpc-errors.js';
import type { UuidForm } from './read-responses.js';

/** Where a read begins: a revision or a position (inclusive for reads, exclusive for subscriptions). */
export type ReadFrom = number | 'start' | 'end';

export interface ReadTarget {
  /** Undefined: `$all`. */
  readonly stream: string | undefined;
  readonly from: ReadFrom;
  readonly filter: EventFilter | undefined;
}

export interface ReadRequest extends ReadTarget {
  readonly kind: 'read';
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
  readonly uuids: UuidForm;
  /** From 1 on the client also wants to hear the first and last revision of the stream. */
  readonly compatibility: number;
}

export interface SubscribeRequest extends ReadTarget {
  readonly kind: 'subscribe';
  readonly uuids: UuidForm;
  /** A checkpoint after so many events looked at; only with a filter. */
  readonly checkpointInterval: number;
}

/** Events looked at in one step without `max` (Enumerator.ReadBatchSize). */
const DEFAULT_SEARCH_WINDOW = 32;
const { Options } = streamsMessages.ReadReq;

/** @throws RpcError for a combination the server does not have (Streams.Read.cs). */
export const readRequest = (message: ReadReq): ReadRequest | SubscribeRequest => {
  const options = message.getOptions();
  const uuidOption = options?.getUuidOption();
  if (!options || !uuidOption) throw invalidArgument('`uuidOption` is a required argument');
  const uuids = uuidOption.hasString() ? 'text' : 'structured';
  const target = readTarget(options);
  if (options.getFilterOptionCase() === Options.FilterOptionCase.FILTER_OPTION_NOT_SET)
    throw invalidArgument('A filter, or no filter, has to be named');
  const backwards = options.getReadDirection() === Options.ReadDirection.BACKWARDS;
  if (target.stream !== undefined && target.filter) throw invalidArgument('A stream takes no filter');
  if (options.hasSubscription()) {
    if (backwards) throw invalidArgument('A subscription reads forwards');
    return { kind: 'subscribe', ...target, uuids, checkpointInterval: checkpointInterval(options) };
  }
  if (!options.hasCount()) throw invalidArgument('A count, or a subscription, has to be named');
  return {
    kind: 'read',
    ...target,
    direction: backwards ? 'backwards' : 'forwards',
    limit: Number(options.getCount()),
    uuids,
    compatibility: options.getControlOption()?.getCompatibility() ?? 0,
  };
};

const readTarget = (options: ReadReq.Options): ReadTarget => {
  const filter = readFilter(options);
  const stream = options.getStream();
  if (stream) {
    const name = Buffer.from(stream.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
    if (name === '') throw invalidArgument('A stream has to be named');
    if (stream.hasRevision()) return { stream: name, from: Number(stream.getRevision()), filter };
    return { stream: name, from: stream.hasEnd() ? 'end' : 'start', filter };
  }
  const all = options.getAll();
  if (!all) throw invalidArgument('A stream, or $all, has to be named');
  const position = all.getPosition();
  if (position) return { stream: undefined, from: Number(position.getCommitPosition()), filter };
  return { stream: undefined, from: all.hasEnd() ? 'end' : 'start', filter };
};

const readFilter = (options: ReadReq.Options): EventFilter | undefined => {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const onStream = filter.getStreamIdentifier();
  const expression = onStream ?? filter.getEventType();
  if (!expression) throw invalidArgument('A filter has to name streams or event types');
  try {
    return eventFilter({
      on: onStream ? 'stream' : 'type',
      regex: expression.getRegex(),
      prefixes: expression.getPrefixList(),
    });
  } catch (error) {
    throw error instanceof InvalidFilter ? invalidArgument(error.message) : error;
  }
};

const checkpointInterval = (options: ReadReq.Options): number => {
  const filter = options.getFilter();
  if (!filter) return Number.POSITIVE_INFINITY;
  const multiplier = filter.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw invalidArgument('The checkpoint interval must not be zero');
  return multiplier * (filter.hasMax() ? filter.getMax() : DEFAULT_SEARCH_WINDOW);
};

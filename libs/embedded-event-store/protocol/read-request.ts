import messages from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { decodeGenerated } from '#libs/protobuf/decode-generated.js';
import { eventFilter, isShownInAll, InvalidFilter, type EventFilter } from '../rules/event-filter.js';
import type { CheckpointPace } from '../rules/catch-up-checkpoints.js';
import type { LogPosition } from '../rules/log-position.js';
import type { UuidForm } from './read-responses.js';
import { handlerFailed, invalidArgument } from './store-errors.js';
import { streamNameOf } from './stream-name.js';

/** The start of a read of a stream. It is inclusive for reads and exclusive for subscriptions. */
export interface StreamTarget {
  readonly stream: string;
  readonly from: number | 'start' | 'end';
}

/** The start of a read of `$all`, with the same rule. */
export interface AllTarget {
  readonly stream: undefined;
  readonly from: LogPosition | 'start' | 'end';
}

type Target = StreamTarget | AllTarget;

interface Common {
  /** Filter for `$all`. It never lets through the events that are hidden there. */
  readonly filter: EventFilter;
  readonly uuids: UuidForm;
  readonly resolveLinks: boolean;
}

export type ReadRequest<T extends Target = Target> = T &
  Common & {
    readonly kind: 'read';
    readonly direction: 'forwards' | 'backwards';
    readonly limit: number;
    /** From 1 on, the client also wants the first and last revision of the stream. */
    readonly compatibility: number;
  };

export type SubscribeRequest<T extends Target = Target> = T &
  Common & {
    readonly kind: 'subscribe';
    /** Undefined without a filter. */
    readonly checkpoints: CheckpointPace | undefined;
  };

type Options = ReadReq.Options;
type Filter = ReadReq.Options.FilterOptions;

/** The numbers for the end, 2^64-1, and for the largest position or revision (Position.cs, StreamRevision.cs). */
const END = 2n ** 64n - 1n;
const LARGEST = 2n ** 63n - 1n;

/** Events read in one step when the request names no `max` (Enumerator.ReadBatchSize). */
const DEFAULT_SEARCH_WINDOW = 32;

/** Reads a ReadReq. @throws RpcError for a combination that the server does not support (Streams.Read.cs) */
export const readRequest = (bytes: Buffer): ReadRequest | SubscribeRequest => {
  const options = decodeGenerated(messages.ReadReq, bytes).getOptions() ?? new messages.ReadReq.Options();
  const uuids = uuidFormOf(options);
  const target = targetOf(options);
  if (target.stream === '') throw handlerFailed();
  const filter = options.getFilter();
  if (!filter && !options.hasNoFilter()) throw invalidArgument('A filter, or no filter, has to be named');
  if (filter && target.stream !== undefined) throw invalidArgument('A read of a stream takes no filter');
  const common = {
    ...target,
    filter: filter ? eventFilterOf(filter) : isShownInAll,
    uuids,
    resolveLinks: options.getResolveLinks(),
  };
  const direction = options.getReadDirection() === BACKWARDS ? 'backwards' : 'forwards';
  if (options.hasSubscription()) {
    if (direction === 'backwards') throw invalidArgument('A subscription reads forwards');
    return { kind: 'subscribe', ...common, checkpoints: filter && checkpointPace(filter) };
  }
  if (!options.hasCount()) throw invalidArgument('A count, or a subscription, has to be named');
  const compatibility = options.getControlOption()?.getCompatibility() ?? 0;
  return { kind: 'read', ...common, direction, limit: Number(options.getCount()), compatibility };
};

const { BACKWARDS } = messages.ReadReq.Options.ReadDirection;

const uuidFormOf = (options: Options): UuidForm => {
  const option = options.getUuidOption();
  if (!option) throw invalidArgument('`uuidOption` is a required argument');
  return option.hasString() ? 'text' : 'structured';
};

const targetOf = (options: Options): Target => {
  const stream = options.getStream();
  if (stream) return { stream: streamNameOf(stream.getStreamIdentifier()), from: revisionOf(stream) };
  const all = options.getAll();
  if (!all) throw invalidArgument('A stream, or $all, has to be named');
  return { stream: undefined, from: positionOf(all) };
};

const revisionOf = (options: ReadReq.Options.StreamOptions): StreamTarget['from'] => {
  if (!options.hasRevision()) return options.hasEnd() ? 'end' : 'start';
  const revision = BigInt(options.getRevision());
  if (revision === END) return 'end';
  if (revision > LARGEST) throw handlerFailed();
  return Number(revision);
};

const positionOf = (options: ReadReq.Options.AllOptions): AllTarget['from'] => {
  const position = options.getPosition();
  if (!position) return options.hasEnd() ? 'end' : 'start';
  const commit = BigInt(position.getCommitPosition());
  const prepare = BigInt(position.getPreparePosition());
  if (commit === END && prepare === END) return 'end';
  if (commit > LARGEST || prepare > commit) throw handlerFailed();
  return { commit: Number(commit), prepare: Number(prepare) };
};

const eventFilterOf = (filter: Filter): EventFilter => {
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  if (!expression) throw invalidArgument('A filter has to name streams or event types');
  try {
    const matches = eventFilter({
      on: filter.hasStreamIdentifier() ? 'stream' : 'type',
      regex: expression.getRegex(),
      prefixes: expression.getPrefixList(),
    });
    return (event) => matches(event) && isShownInAll(event);
  } catch (error) {
    throw error instanceof InvalidFilter ? handlerFailed() : error;
  }
};

const checkpointPace = (filter: Filter): CheckpointPace => {
  if (!filter.hasMax() && !filter.hasCount()) throw invalidArgument('The window of a filter has to be named');
  const window = filter.hasMax() ? filter.getMax() : DEFAULT_SEARCH_WINDOW;
  const multiplier = filter.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw handlerFailed();
  return { window, interval: multiplier * window };
};

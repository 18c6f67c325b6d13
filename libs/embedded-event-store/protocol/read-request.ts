import { eventFilter, isShownInAll, InvalidFilter, type EventFilter } from '../rules/event-filter.js';
import type { CheckpointPace } from '../rules/catch-up-checkpoints.js';
import type { LogPosition } from '../rules/log-position.js';
import { readStreamName } from './proposed-events.js';
import type { UuidForm } from './read-responses.js';
import { handlerFailed, invalidArgument } from './store-errors.js';
import { WireReader } from '#libs/protobuf/wire.js';

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

interface Options {
  target?: Target;
  filter?: Filter;
  noFilter?: boolean;
  backwards?: boolean;
  limit?: number;
  subscription?: boolean;
  uuids?: UuidForm;
  resolveLinks?: boolean;
  compatibility?: number;
}

interface Filter {
  on?: 'stream' | 'type';
  regex: string;
  prefixes: string[];
  /** Undefined when the request names no window, which is refused. */
  window?: number;
  multiplier: number;
}

/** The numbers for the end, 2^64-1, and for the largest position or revision (Position.cs, StreamRevision.cs). */
const END = 2n ** 64n - 1n;
const LARGEST = 2n ** 63n - 1n;

/** Events read in one step when the request names no `max` (Enumerator.ReadBatchSize). */
const DEFAULT_SEARCH_WINDOW = 32;

/** Reads a ReadReq. @throws RpcError for a combination that the server does not support (Streams.Read.cs) */
export const readRequest = (bytes: Buffer): ReadRequest | SubscribeRequest => {
  const { target, filter, noFilter, backwards, limit, subscription, uuids, resolveLinks, compatibility } =
    readMessage(bytes);
  if (!uuids) throw invalidArgument('`uuidOption` is a required argument');
  if (!target) throw invalidArgument('A stream, or $all, has to be named');
  if (target.stream === '') throw handlerFailed();
  if (!filter && !noFilter) throw invalidArgument('A filter, or no filter, has to be named');
  if (filter && target.stream !== undefined) throw invalidArgument('A read of a stream takes no filter');
  const common = {
    ...target,
    filter: filter ? toEventFilter(filter) : isShownInAll,
    uuids,
    resolveLinks: resolveLinks ?? false,
  };
  if (subscription) {
    if (backwards) throw invalidArgument('A subscription reads forwards');
    return { kind: 'subscribe', ...common, checkpoints: filter && checkpointPace(filter) };
  }
  if (limit === undefined) throw invalidArgument('A count, or a subscription, has to be named');
  const direction = backwards ? 'backwards' : 'forwards';
  return { kind: 'read', ...common, direction, limit, compatibility: compatibility ?? 0 };
};

const readMessage = (bytes: Buffer): Options => {
  const request = new WireReader(bytes);
  const options: Options = {};
  while (request.next()) {
    if (request.field !== 1) request.skip();
    else {
      const reader = request.message();
      while (reader.next()) readOption(reader, options);
    }
  }
  return options;
};

const readOption = (reader: WireReader, options: Options): void => {
  switch (reader.field) {
    case 1:
      options.target = readStreamOptions(reader.message());
      break;
    case 2:
      options.target = { stream: undefined, from: readAllOptions(reader.message()) };
      break;
    case 3:
      options.backwards = reader.uint() === 1;
      break;
    case 4:
      options.resolveLinks = reader.bool();
      break;
    case 5:
      options.limit = reader.uint();
      break;
    case 6:
      options.subscription = true;
      reader.skip();
      break;
    case 7:
      options.filter = readFilter(reader.message());
      break;
    case 8:
      options.noFilter = true;
      reader.skip();
      break;
    case 9:
      options.uuids = firstField(reader.message()) === 2 ? 'text' : 'structured';
      break;
    case 10:
      options.compatibility = readCompatibility(reader.message());
      break;
    default:
      reader.skip();
  }
};

const readStreamOptions = (reader: WireReader): StreamTarget => {
  let stream = '';
  let from: StreamTarget['from'] = 'start';
  while (reader.next()) {
    if (reader.field === 1) stream = readStreamName(reader.message());
    else if (reader.field === 2) from = revisionOf(reader.uint64());
    else {
      if (reader.field === 4) from = 'end';
      reader.skip();
    }
  }
  return { stream, from };
};

const readAllOptions = (reader: WireReader): AllTarget['from'] => {
  let from: AllTarget['from'] = 'start';
  while (reader.next()) {
    if (reader.field === 1) from = readPosition(reader.message());
    else {
      if (reader.field === 3) from = 'end';
      reader.skip();
    }
  }
  return from;
};

const readPosition = (reader: WireReader): AllTarget['from'] => {
  let commit = 0n;
  let prepare = 0n;
  while (reader.next()) {
    if (reader.field === 1) commit = reader.uint64();
    else if (reader.field === 2) prepare = reader.uint64();
    else reader.skip();
  }
  if (commit === END && prepare === END) return 'end';
  if (commit > LARGEST || prepare > commit) throw handlerFailed();
  return { commit: Number(commit), prepare: Number(prepare) };
};

const revisionOf = (revision: bigint): StreamTarget['from'] => {
  if (revision === END) return 'end';
  if (revision > LARGEST) throw handlerFailed();
  return Number(revision);
};

const readFilter = (reader: WireReader): Filter => {
  const filter: Filter = { regex: '', prefixes: [], multiplier: 0 };
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) {
      filter.on = reader.field === 1 ? 'stream' : 'type';
      readExpression(reader.message(), filter);
    } else if (reader.field === 3) filter.window = reader.uint();
    else if (reader.field === 4) {
      filter.window = DEFAULT_SEARCH_WINDOW;
      reader.skip();
    } else if (reader.field === 5) filter.multiplier = reader.uint();
    else reader.skip();
  }
  return filter;
};

const readExpression = (reader: WireReader, filter: Filter): void => {
  while (reader.next()) {
    if (reader.field === 1) filter.regex = reader.string();
    else if (reader.field === 2) filter.prefixes.push(reader.string());
    else reader.skip();
  }
};

const readCompatibility = (reader: WireReader): number => {
  let compatibility = 0;
  while (reader.next()) {
    if (reader.field === 1) compatibility = reader.uint();
    else reader.skip();
  }
  return compatibility;
};

const firstField = (reader: WireReader): number => (reader.next() ? reader.field : 0);

const toEventFilter = ({ on, regex, prefixes }: Filter): EventFilter => {
  if (!on) throw invalidArgument('A filter has to name streams or event types');
  try {
    const matches = eventFilter({ on, regex, prefixes });
    return (event) => matches(event) && isShownInAll(event);
  } catch (error) {
    throw error instanceof InvalidFilter ? handlerFailed() : error;
  }
};

const checkpointPace = ({ window, multiplier }: Filter): CheckpointPace => {
  if (window === undefined) throw invalidArgument('The window of a filter has to be named');
  if (multiplier === 0) throw handlerFailed();
  return { window, interval: multiplier * window };
};

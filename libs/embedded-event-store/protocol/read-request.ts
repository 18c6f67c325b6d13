import { eventFilter, InvalidFilter, type EventFilter } from '../rules/event-filter.js';
import { readStreamName } from './proposed-events.js';
import type { UuidForm } from './read-responses.js';
import { invalidArgument } from './store-errors.js';
import { WireReader } from './wire.js';

/** Where a read begins: a revision or a position (inclusive for reads, exclusive for subscriptions). */
export type ReadFrom = number | 'start' | 'end';

export interface ReadTarget {
  /** Undefined: `$all`. */
  readonly stream: string | undefined;
  readonly from: ReadFrom;
  readonly filter: EventFilter | undefined;
  readonly uuids: UuidForm;
}

export interface ReadRequest extends ReadTarget {
  readonly kind: 'read';
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
  /** From 1 on the client also wants to hear the first and last revision of the stream. */
  readonly compatibility: number;
}

export interface SubscribeRequest extends ReadTarget {
  readonly kind: 'subscribe';
  /** A checkpoint after so many events looked at; Infinity without a filter. */
  readonly checkpointInterval: number;
}

interface Options {
  target?: { readonly stream: string | undefined; readonly from: ReadFrom };
  filter?: Filter;
  noFilter?: boolean;
  backwards?: boolean;
  limit?: number;
  subscription?: boolean;
  uuids?: UuidForm;
  compatibility?: number;
}

interface Filter {
  on?: 'stream' | 'type';
  regex: string;
  prefixes: string[];
  max?: number;
  multiplier: number;
}

/** Events looked at in one step without `max` (Enumerator.ReadBatchSize). */
const DEFAULT_SEARCH_WINDOW = 32;

/** ReadReq. @throws RpcError for a combination the server does not have (Streams.Read.cs) */
export const readRequest = (bytes: Buffer): ReadRequest | SubscribeRequest => {
  const { target, filter, noFilter, backwards, limit, subscription, uuids, compatibility } =
    readMessage(bytes);
  if (!uuids) throw invalidArgument('`uuidOption` is a required argument');
  if (!target) throw invalidArgument('A stream, or $all, has to be named');
  if (target.stream === '') throw invalidArgument('A stream has to be named');
  if (!filter && !noFilter) throw invalidArgument('A filter, or no filter, has to be named');
  if (filter && target.stream !== undefined) throw invalidArgument('A read of a stream takes no filter');
  const common = { ...target, filter: filter && toEventFilter(filter), uuids };
  if (subscription) {
    if (backwards) throw invalidArgument('A subscription reads forwards');
    return { kind: 'subscribe', ...common, checkpointInterval: checkpointInterval(filter) };
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

const readStreamOptions = (reader: WireReader): { stream: string; from: ReadFrom } => {
  let stream = '';
  let from: ReadFrom = 'start';
  while (reader.next()) {
    if (reader.field === 1) stream = readStreamName(reader.message());
    else if (reader.field === 2) from = reader.uint();
    else {
      if (reader.field === 4) from = 'end';
      reader.skip();
    }
  }
  return { stream, from };
};

const readAllOptions = (reader: WireReader): ReadFrom => {
  let from: ReadFrom = 'start';
  while (reader.next()) {
    if (reader.field === 1) from = readCommitPosition(reader.message());
    else {
      if (reader.field === 3) from = 'end';
      reader.skip();
    }
  }
  return from;
};

const readCommitPosition = (reader: WireReader): number => {
  let commit = 0;
  while (reader.next()) {
    if (reader.field === 1) commit = reader.uint();
    else reader.skip();
  }
  return commit;
};

const readFilter = (reader: WireReader): Filter => {
  const filter: Filter = { regex: '', prefixes: [], multiplier: 0 };
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) {
      filter.on = reader.field === 1 ? 'stream' : 'type';
      readExpression(reader.message(), filter);
    } else if (reader.field === 3) filter.max = reader.uint();
    else if (reader.field === 5) filter.multiplier = reader.uint();
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
    return eventFilter({ on, regex, prefixes });
  } catch (error) {
    throw error instanceof InvalidFilter ? invalidArgument(error.message) : error;
  }
};

const checkpointInterval = (filter: Filter | undefined): number => {
  if (!filter) return Number.POSITIVE_INFINITY;
  if (filter.multiplier === 0) throw invalidArgument('The checkpoint interval must not be zero');
  return filter.multiplier * (filter.max ?? DEFAULT_SEARCH_WINDOW);
};

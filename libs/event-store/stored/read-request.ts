import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { LOG_START, comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';

/** Events that are looked through between two checkpoints of a filtered subscription. */
export const CHECKPOINT_WINDOW = 256;

/** A filter that the server applies. It accepts at most one. */
export type StoredFilter = Readonly<{ streams: readonly string[] } | { types: readonly string[] }>;

/**
 * Asks the store to report a damaged event in its place and to read on. Without it, a damaged event ends the read with
 * DamagedEvent. It also ends the read if the store does not know which event it was. Only our own store supports this.
 */
type Telling = Readonly<{ tellsDamage?: boolean | undefined }>;

export type LogRead = Telling &
  Readonly<{
    direction: 'forwards' | 'backwards';
    /** Start of the read: inclusive forwards, exclusive backwards, exclusive in a subscription. */
    from: LogPosition | 'start' | 'end';
    /** Prefixes of names. */
    filter?: StoredFilter | undefined;
    /** Continues with events that are appended later; forwards only. */
    follow: boolean;
    /** Largest number of events; not with `follow`. */
    limit?: number | undefined;
  }>;

export type StreamRead = Telling &
  Readonly<{
    stream: string;
    direction: 'forwards' | 'backwards';
    /** A revision, inclusive. */
    from: number | 'start' | 'end';
    limit?: number | undefined;
    /**
     * Called with the revision of the last event ever written to the stream, after the events and before the read ends,
     * if the server has said it. Retention may hide that event. Backwards, it may be newer than the events. Not called
     * for a stream that does not exist or was deleted.
     */
    onLastRevision?: ((revision: number) => void) | undefined;
  }>;

export type EventRead = LogRead | StreamRead;

/** Makes a read of the whole log. The position before the first event becomes its start. */
export const logRead = (direction: LogRead['direction'], from?: LogPosition | 'start' | 'end'): LogRead => {
  const start = from ?? (direction === 'forwards' ? 'start' : 'end');
  const isStart = typeof start === 'object' && comparePositions(start, LOG_START) === 0;
  return { direction, from: isStart ? 'start' : start, follow: false };
};

/** Makes a read of only the first event from there on. */
export const firstOf = (...where: Parameters<typeof logRead>): LogRead => ({
  ...logRead(...where),
  limit: 1,
});

const { Options } = streams.ReadReq;
const empty = (): InstanceType<typeof shared.Empty> => new shared.Empty();

/**
 * Encodes a read of a stream, a read of the whole log or a subscription to it, in EventStoreDB's protocol
 * (streams.proto).
 */
export const readRequest = (read: EventRead): streams.ReadReq => {
  const options = new Options();
  options.setReadDirection(
    read.direction === 'forwards' ? Options.ReadDirection.FORWARDS : Options.ReadDirection.BACKWARDS,
  );
  options.setResolveLinks(false);
  const uuids = new Options.UUIDOption();
  uuids.setString(empty());
  options.setUuidOption(uuids);
  options.setControlOption(saysWhereStreamsEnd());
  if ('stream' in read) askStream(options, read);
  else askLog(options, read);
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
};

/**
 * Asks the server to say where a stream begins and ends. It does so for clients that claim to understand it
 * (streams.proto, compatibility 1).
 */
const saysWhereStreamsEnd = (): InstanceType<typeof Options.ControlOption> => {
  const control = new Options.ControlOption();
  control.setCompatibility(1);
  return control;
};

const EVERYTHING = String(Number.MAX_SAFE_INTEGER);

const askStream = (options: InstanceType<typeof Options>, { stream, from, limit }: StreamRead): void => {
  const asked = new Options.StreamOptions();
  const name = new shared.StreamIdentifier();
  name.setStreamName(Buffer.from(stream));
  asked.setStreamIdentifier(name);
  if (from === 'start') asked.setStart(empty());
  else if (from === 'end') asked.setEnd(empty());
  else asked.setRevision(String(from));
  options.setStream(asked);
  options.setCount(limit === undefined ? EVERYTHING : String(limit));
  options.setNoFilter(empty());
};

const askLog = (options: InstanceType<typeof Options>, read: LogRead): void => {
  const { from, filter, follow, limit } = read;
  options.setAll(allFrom(from));
  if (follow) options.setSubscription(new Options.SubscriptionOptions());
  else options.setCount(limit === undefined ? EVERYTHING : String(limit));
  if (filter) options.setFilter(filterOptions(filter));
  else options.setNoFilter(empty());
};

const allFrom = (from: LogRead['from']): InstanceType<typeof Options.AllOptions> => {
  const all = new Options.AllOptions();
  if (from === 'start') all.setStart(empty());
  else if (from === 'end') all.setEnd(empty());
  else {
    const position = new Options.Position();
    position.setCommitPosition(from.commit.toString());
    position.setPreparePosition(from.prepare.toString());
    all.setPosition(position);
  }
  return all;
};

const filterOptions = (filter: StoredFilter): InstanceType<typeof Options.FilterOptions> => {
  const options = new Options.FilterOptions();
  const expression = new Options.FilterOptions.Expression();
  if ('streams' in filter) {
    expression.setPrefixList([...filter.streams]);
    options.setStreamIdentifier(expression);
  } else {
    expression.setPrefixList([...filter.types]);
    options.setEventType(expression);
  }
  options.setMax(CHECKPOINT_WINDOW);
  options.setCheckpointintervalmultiplier(1);
  return options;
};

import messages from '@eventstore/db-client/generated/persistent_pb.js';
import type {
  CreateReq,
  DeleteReq,
  GetInfoReq,
  ListReq,
  ReplayParkedReq,
  UpdateReq,
} from '@eventstore/db-client/generated/persistent_pb.js';
import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import { decodeGenerated } from '#libs/protobuf/decode-generated.js';
import { invalidArgument } from '../protocol/store-errors.js';
import { streamNameOf } from '../protocol/stream-name.js';
import { InvalidFilter, eventFilter, type FilterSpec } from '../rules/event-filter.js';
import type { GroupDefinition } from './group-config.js';
import { ALL } from './group-streams.js';
import { FROM_END, type GroupSettings, type GroupTarget, type StrategyName } from './rules/group-settings.js';

const { CreateReq: Create, UpdateReq: Update } = messages;

const TICKS_PER_MS = 10_000;
const STRATEGY_NAMES: readonly StrategyName[] = ['DispatchToSingle', 'RoundRobin', 'Pinned'];
/** Smallest 64-bit number that means END when it is sent as a position. */
const LARGEST = 2n ** 63n;

type Which = Pick<GroupTarget, 'stream' | 'group'>;

/** Reads a CreateReq. @throws RpcError if something required is missing (PersistentSubscriptions.Create.cs) */
export const readCreate = (bytes: Buffer): GroupDefinition => {
  const options = required(decodeGenerated(Create, bytes).getOptions(), 'Options');
  const settings = required(options.getSettings(), 'Settings');
  const all = options.getAll();
  const filter = all?.getFilter();
  const target = { ...targetOf(options), filter: filter && filterOf(filter) };
  const strategy = (settings.getConsumerStrategy() ||
    STRATEGY_NAMES[settings.getNamedConsumerStrategy()]) as StrategyName;
  return { target, settings: settingsOf(settings, strategy, startOf(options, settings)) };
};

/** Reads an UpdateReq. @throws RpcError if something required is missing (PersistentSubscriptions.Update.cs) */
export const readUpdate = (bytes: Buffer): GroupDefinition => {
  const options = required(decodeGenerated(Update, bytes).getOptions(), 'Options');
  const settings = required(options.getSettings(), 'Settings');
  const strategy = STRATEGY_NAMES[settings.getNamedConsumerStrategy()]!;
  return {
    target: { ...targetOf(options), filter: undefined },
    settings: settingsOf(settings, strategy, startOf(options, settings)),
  };
};

export const readDelete = (bytes: Buffer): Which => {
  const options: DeleteReq.Options = required(
    decodeGenerated(messages.DeleteReq, bytes).getOptions(),
    'Options',
  );
  return whichOf(options);
};

export const readGetInfo = (bytes: Buffer): Which => {
  const options: GetInfoReq.Options = required(
    decodeGenerated(messages.GetInfoReq, bytes).getOptions(),
    'Options',
  );
  return whichOf(options);
};

/** Reads a ReplayParkedReq. `stopAt` is a revision of the stream of parked messages; undefined means all of them. */
export const readReplayParked = (bytes: Buffer): Which & { stopAt: number | undefined } => {
  const options: ReplayParkedReq.Options = required(
    decodeGenerated(messages.ReplayParkedReq, bytes).getOptions(),
    'Options',
  );
  return { ...whichOf(options), stopAt: options.hasStopAt() ? Number(options.getStopAt()) : undefined };
};

/** Returns the stream whose groups are wanted (`$all` counts as one); undefined for the groups of every stream. */
export const readList = (bytes: Buffer): string | undefined => {
  const options: ListReq.Options = required(decodeGenerated(messages.ListReq, bytes).getOptions(), 'Options');
  const wanted = options.getListForStream();
  if (!wanted) return undefined;
  return wanted.hasAll() ? ALL : streamNameOf(wanted.getStream());
};

const required = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw invalidArgument(`${name} are missing`);
  return value;
};

const whichOf = (options: {
  hasAll(): boolean;
  getStreamIdentifier(): StreamIdentifier | undefined;
  getGroupName(): string;
}): Which => ({
  stream: options.hasAll() ? undefined : streamNameOf(options.getStreamIdentifier()),
  group: options.getGroupName(),
});

/** Clients older than 21.10 name the stream outside the options, in a deprecated field. */
const targetOf = (options: CreateReq.Options | UpdateReq.Options): Which => ({
  stream: options.hasAll()
    ? undefined
    : streamNameOf(options.getStream()?.getStreamIdentifier() ?? options.getStreamIdentifier()),
  group: options.getGroupName(),
});

const startOf = (
  options: CreateReq.Options | UpdateReq.Options,
  settings: CreateReq.Settings | UpdateReq.Settings,
): number => {
  const all = options.getAll();
  const stream = options.getStream();
  if (all) {
    if (all.hasStart()) return 0;
    if (all.hasEnd()) return FROM_END;
    return numberOf(required(all.getPosition(), 'Positions').getCommitPosition());
  }
  if (!stream) return numberOf(settings.getRevision());
  if (stream.hasStart()) return 0;
  return stream.hasEnd() ? FROM_END : numberOf(stream.getRevision());
};

const numberOf = (text: string): number => (BigInt(text) >= LARGEST ? FROM_END : Number(text));

const settingsOf = (
  settings: CreateReq.Settings | UpdateReq.Settings,
  strategy: StrategyName,
  startFrom: number,
): GroupSettings => ({
  startFrom,
  resolveLinks: settings.getResolveLinks(),
  extraStatistics: settings.getExtraStatistics(),
  messageTimeout: settings.hasMessageTimeoutTicks()
    ? Number(settings.getMessageTimeoutTicks()) / TICKS_PER_MS
    : settings.getMessageTimeoutMs(),
  maxRetryCount: settings.getMaxRetryCount(),
  checkpointAfter: settings.hasCheckpointAfterTicks()
    ? Number(settings.getCheckpointAfterTicks()) / TICKS_PER_MS
    : settings.getCheckpointAfterMs(),
  minCheckpointCount: settings.getMinCheckpointCount(),
  maxCheckpointCount: settings.getMaxCheckpointCount(),
  maxSubscriberCount: settings.getMaxSubscriberCount(),
  liveBufferSize: settings.getLiveBufferSize(),
  bufferSize: settings.getHistoryBufferSize(),
  readBatchSize: settings.getReadBatchSize(),
  strategy,
});

const filterOf = (filter: CreateReq.AllOptions.FilterOptions): FilterSpec => {
  const expression = required(
    filter.getStreamIdentifier() ?? filter.getEventType(),
    'Streams or event types',
  );
  const spec: FilterSpec = {
    on: filter.hasStreamIdentifier() ? 'stream' : 'type',
    regex: expression.getRegex(),
    prefixes: expression.getPrefixList(),
  };
  try {
    eventFilter(spec);
    return spec;
  } catch (error) {
    throw error instanceof InvalidFilter ? invalidArgument(error.message) : error;
  }
};

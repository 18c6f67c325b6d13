import { eventFilter, type FilterSpec } from '../rules/event-filter.js';
import { parsePosition, positionText } from './group-checkpoint.js';
import { ALL } from './group-streams.js';
import {
  STRATEGIES,
  type GroupSettings,
  type GroupTarget,
  type StrategyName,
} from './rules/group-settings.js';

/** A group and its settings. */
export interface GroupDefinition {
  readonly target: GroupTarget;
  readonly settings: GroupSettings;
}

interface FilterEntry {
  readonly context: 'streamId' | 'eventType';
  readonly type: 'prefix' | 'regex';
  readonly data: string;
  readonly isAllStream: boolean;
}

/** PersistentSubscriptionEntry of EventStoreDB, which omits fields that are zero or false. */
interface ConfigEntry {
  readonly stream: string;
  readonly group: string;
  readonly filter?: FilterEntry;
  readonly resolveLinkTos?: boolean;
  readonly extraStatistics?: boolean;
  readonly messageTimeout?: number;
  readonly startPosition?: string;
  readonly liveBufferSize?: number;
  readonly historyBufferSize?: number;
  readonly maxRetryCount?: number;
  readonly readBatchSize?: number;
  readonly checkPointAfter?: number;
  readonly minCheckPointCount?: number;
  readonly maxCheckPointCount?: number;
  readonly maxSubscriberCount?: number;
  readonly namedConsumerStrategy?: string;
}

/** Encodes all groups in the form in which EventStoreDB stores them (PersistentSubscriptionConfig.cs). */
export const encodeConfig = (groups: Iterable<GroupDefinition>, user: string, now: Date): object => ({
  version: '2',
  updated: now.toISOString(),
  updatedBy: user,
  entries: [...groups].map(encodeEntry),
});

const encodeEntry = ({ target, settings }: GroupDefinition): object => {
  const entry: ConfigEntry = {
    stream: target.stream ?? ALL,
    group: target.group,
    ...(target.filter && { filter: encodeFilter(target.filter) }),
    resolveLinkTos: settings.resolveLinks,
    extraStatistics: settings.extraStatistics,
    messageTimeout: settings.messageTimeout,
    startPosition: positionText(target, settings.startFrom),
    liveBufferSize: settings.liveBufferSize,
    historyBufferSize: settings.bufferSize,
    maxRetryCount: settings.maxRetryCount,
    readBatchSize: settings.readBatchSize,
    checkPointAfter: settings.checkpointAfter,
    minCheckPointCount: settings.minCheckpointCount,
    maxCheckPointCount: settings.maxCheckpointCount,
    maxSubscriberCount: settings.maxSubscriberCount,
    namedConsumerStrategy: settings.strategy,
  };
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== 0 && value !== false));
};

/** Decodes the stored groups. Entries that can't be understood are left out, as on the real server. */
export const decodeConfig = (json: string): GroupDefinition[] => {
  const { entries = [] } = JSON.parse(json) as { entries?: readonly ConfigEntry[] };
  return entries.flatMap((entry) => {
    const strategy = STRATEGIES.find((name) => name === entry.namedConsumerStrategy);
    const filter = entry.filter && decodeFilter(entry.filter);
    if (!strategy || (entry.filter && !filter)) return [];
    const stream = entry.stream === ALL ? undefined : entry.stream;
    return [{ target: { stream, group: entry.group, filter }, settings: decodeSettings(entry, strategy) }];
  });
};

const decodeSettings = (entry: ConfigEntry, strategy: StrategyName): GroupSettings => ({
  startFrom: parsePosition(entry.startPosition ?? '0') ?? 0,
  resolveLinks: entry.resolveLinkTos ?? false,
  extraStatistics: entry.extraStatistics ?? false,
  messageTimeout: entry.messageTimeout ?? 0,
  maxRetryCount: entry.maxRetryCount ?? 0,
  checkpointAfter: entry.checkPointAfter ?? 0,
  minCheckpointCount: entry.minCheckPointCount ?? 0,
  maxCheckpointCount: entry.maxCheckPointCount ?? 0,
  maxSubscriberCount: entry.maxSubscriberCount ?? 0,
  liveBufferSize: entry.liveBufferSize ?? 0,
  bufferSize: entry.historyBufferSize ?? 0,
  readBatchSize: entry.readBatchSize ?? 0,
  strategy,
});

const encodeFilter = ({ on, regex, prefixes }: FilterSpec): FilterEntry => ({
  context: on === 'stream' ? 'streamId' : 'eventType',
  type: regex === '' ? 'prefix' : 'regex',
  data: regex === '' ? prefixes.join(',') : regex,
  isAllStream: true,
});

const decodeFilter = ({ context, type, data }: FilterEntry): FilterSpec | undefined => {
  const on = context === 'streamId' ? 'stream' : 'type';
  const filter: FilterSpec =
    type === 'regex' ? { on, regex: data, prefixes: [] } : { on, regex: '', prefixes: data.split(',') };
  try {
    eventFilter(filter);
    return filter;
  } catch {
    return undefined;
  }
};

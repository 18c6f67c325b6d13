import messages from '@eventstore/db-client/generated/persistent_pb.js';
import type { SubscriptionInfo } from '@eventstore/db-client/generated/persistent_pb.js';
import { positionText } from './group-checkpoint.js';
import { ALL } from './group-streams.js';
import type { RunningGroup } from './running-group.js';

const { SubscriptionInfo: Info } = messages;

/**
 * Describes a group: its settings, its history and its present state (PersistentSubscriptionStats.cs,
 * ParseSubscriptionInfo).
 */
export const groupInfo = (group: RunningGroup, now: number): SubscriptionInfo => {
  const { settings, target, rules } = group;
  const { buffered, retrying, outstanding } = rules.counts;
  const position = (value: number | undefined): string =>
    value === undefined ? '' : positionText(target, value);
  const seconds = Math.max(1, (now - group.startedAt) / 1000);
  const info = new Info()
    .setEventSource(target.stream ?? ALL)
    .setGroupName(target.group)
    .setStatus(group.atEnd ? 'Live' : 'Behind')
    .setAveragePerSecond(Math.round(rules.total / seconds))
    .setTotalItems(String(rules.total))
    .setCountSinceLastMeasurement(String(rules.total))
    .setLastCheckpointedEventPosition(position(group.lastCheckpoint))
    .setLastKnownEventPosition(position(group.lastKnown))
    .setResolveLinkTos(settings.resolveLinks)
    .setStartFrom(positionText(target, settings.startFrom))
    .setMessageTimeoutMilliseconds(settings.messageTimeout)
    .setExtraStatistics(settings.extraStatistics)
    .setMaxRetryCount(settings.maxRetryCount)
    .setLiveBufferSize(settings.liveBufferSize)
    .setBufferSize(settings.bufferSize)
    .setReadBatchSize(settings.readBatchSize)
    .setCheckPointAfterMilliseconds(settings.checkpointAfter)
    .setMinCheckPointCount(settings.minCheckpointCount)
    .setMaxCheckPointCount(settings.maxCheckpointCount)
    .setReadBufferCount(buffered)
    .setRetryBufferCount(retrying)
    .setOutstandingMessagesCount(outstanding)
    .setNamedConsumerStrategy(settings.strategy)
    .setMaxSubscriberCount(settings.maxSubscriberCount)
    .setParkedMessageCount(String(group.parked.count));
  let inFlightOfAll = 0;
  for (const { id, size, inFlight, total, answerTimes } of rules.consumerList) {
    const connection = group.connections.get(id);
    inFlightOfAll += inFlight.size;
    info.addConnections(
      new Info.ConnectionInfo()
        .setUsername(connection?.user ?? '')
        .setConnectionName(connection?.name ?? '')
        .setAverageItemsPerSecond(Math.round(total / seconds))
        .setTotalItems(String(total))
        .setCountSinceLastMeasurement(String(total))
        .setAvailableSlots(size - inFlight.size)
        .setInFlightMessages(inFlight.size)
        .setObservedMeasurementsList(
          (answerTimes?.measurements ?? []).map(({ key, value }) =>
            new Info.Measurement().setKey(key).setValue(String(value)),
          ),
        ),
    );
  }
  return info.setTotalInFlightMessages(inFlightOfAll);
};

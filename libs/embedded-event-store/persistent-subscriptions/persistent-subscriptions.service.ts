import { randomUUID } from 'node:crypto';
import messages from '@eventstore/db-client/generated/persistent_pb.js';
import type { GrpcCall } from '../grpc/grpc-call.js';
import { unary, type Methods } from '../grpc/grpc-server.js';
import { readConsumerMessage, type ConsumerMessage } from './consumer-messages.js';
import { groupFailed, tooManyConsumers } from './errors.js';
import { confirmationFrame } from './event-frame.js';
import { groupInfo } from './group-info.js';
import {
  readCreate,
  readDelete,
  readGetInfo,
  readList,
  readReplayParked,
  readUpdate,
} from './group-requests.js';
import { ALL } from './group-streams.js';
import type { RunningGroup } from './running-group.js';
import type { SubscriptionGroups } from './subscription-groups.js';

const SERVICE = '/event_store.client.persistent_subscriptions.PersistentSubscriptions';
const NOTHING = Buffer.alloc(0);

/** Implements the service event_store.client.persistent_subscriptions.PersistentSubscriptions. */
export const persistentSubscriptionsService = (groups: SubscriptionGroups): Methods => ({
  [`${SERVICE}/Create`]: unary(async (request, call) => {
    await groups.create(readCreate(request), userOf(call));
    return NOTHING;
  }),
  [`${SERVICE}/Update`]: unary(async (request, call) => {
    await groups.update(readUpdate(request), userOf(call));
    return NOTHING;
  }),
  [`${SERVICE}/Delete`]: unary(async (request, call) => {
    await groups.delete(readDelete(request), userOf(call));
    return NOTHING;
  }),
  [`${SERVICE}/GetInfo`]: unary((request) => {
    const info = groupInfo(groups.get(readGetInfo(request)), Date.now());
    return Buffer.from(new messages.GetInfoResp().setSubscriptionInfo(info).serializeBinary());
  }),
  [`${SERVICE}/List`]: unary((request) => {
    const infos = groups.list(readList(request)).map((group) => groupInfo(group, Date.now()));
    return Buffer.from(new messages.ListResp().setSubscriptionsList(infos).serializeBinary());
  }),
  [`${SERVICE}/ReplayParked`]: unary(async (request) => {
    const { stopAt, ...which } = readReplayParked(request);
    if (stopAt !== undefined && stopAt < 0) {
      const reason = 'Cannot stop replaying parked message at a negative version.';
      throw groupFailed(which.stream ?? ALL, which.group, reason);
    }
    await groups.get(which).replayParked(stopAt);
    return NOTHING;
  }),
  [`${SERVICE}/RestartSubsystem`]: unary(() => {
    groups.restart();
    return NOTHING;
  }),
  [`${SERVICE}/Read`]: (call) => consume(groups, call),
});

/** Handles a consumer's call: options come first, then acks and nacks, while messages go the other way. */
const consume = (groups: SubscriptionGroups, call: GrpcCall): void => {
  let group: RunningGroup | undefined;
  const receive = (message: ConsumerMessage): void => {
    if (message.kind === 'options') group ??= join(groups, call, message);
    else if (message.kind === 'ack') group?.ack(message.ids);
    else group?.nack(message.ids, message.action, message.reason);
  };
  call.listen({ message: (bytes) => receive(readConsumerMessage(bytes)) });
};

const join = (
  groups: SubscriptionGroups,
  call: GrpcCall,
  { stream, group: name, bufferSize, uuids }: ConsumerMessage & { kind: 'options' },
): RunningGroup => {
  const group = groups.get({ stream, group: name });
  if (group.rules.isFull) throw tooManyConsumers(stream ?? ALL, name);
  const id = randomUUID();
  void call.send(confirmationFrame(group.key));
  call.signal.addEventListener('abort', () => group.disconnect(id));
  group.connect(id, bufferSize, {
    call,
    uuids,
    name: call.header('connection-name') ?? '<unknown>',
    user: userOf(call),
  });
  return group;
};

const userOf = (call: GrpcCall): string => {
  const credentials = /^Basic (?<encoded>.+)$/u.exec(call.header('authorization') ?? '')?.groups?.['encoded'];
  return credentials
    ? (Buffer.from(credentials, 'base64').toString().split(':')[0] ?? 'anonymous')
    : 'anonymous';
};

import { START, type EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import { Client, credentials } from '@grpc/grpc-js';

const { ReadReq } = messages;
const { Empty } = shared;

const same = (bytes: Buffer): Buffer => bytes;
const perSecond = (count: number, began: number): number => count / ((performance.now() - began) / 1000);

/** Resolves with how many events of `$all` per second EventStoreDB's client reads. */
export const readRate = async (client: EventStoreDBClient): Promise<number> => {
  const began = performance.now();
  let count = 0;
  for await (const { event } of client.readAll({ fromPosition: START })) if (event) count += 1;
  return perSecond(count, began);
};

/**
 * Resolves with how many events of `$all` per second a subscription from the start receives, by EventStoreDB's client.
 */
export const subscribeRate = async (client: EventStoreDBClient, count: number): Promise<number> => {
  const began = performance.now();
  let seen = 0;
  const subscription = client.subscribeToAll({ fromPosition: START });
  await new Promise<void>((resolve, reject) => {
    subscription.on('error', reject).on('data', () => {
      if ((seen += 1) === count) resolve();
    });
  });
  const rate = perSecond(seen, began);
  await subscription.unsubscribe();
  return rate;
};

/** The same without decoding what comes, so that the client counts for less. */
export const rawReadRate = async (port: number): Promise<number> => {
  const options = new ReadReq.Options()
    .setAll(new ReadReq.Options.AllOptions().setStart(new Empty()))
    .setReadDirection(ReadReq.Options.ReadDirection.FORWARDS)
    .setCount('9007199254740991')
    .setNoFilter(new Empty())
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
  const request = Buffer.from(new ReadReq().setOptions(options).serializeBinary());
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const path = '/event_store.client.streams.Streams/Read';
  const began = performance.now();
  let count = 0;
  const call = client.makeServerStreamRequest(path, same, same, request);
  await new Promise<void>((resolve, reject) => {
    call
      .on('data', () => void (count += 1))
      .on('end', resolve)
      .on('error', reject);
  });
  const rate = perSecond(count, began);
  client.close();
  return rate;
};

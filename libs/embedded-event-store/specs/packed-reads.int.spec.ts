import { Metadata, credentials } from '@grpc/grpc-js';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKED, PACKED_HEADER, openPack } from '#libs/protobuf/packed-messages.js';
import { StoreHarness, events, streamName } from './store-harness.js';

const EVENTS = 600;

let harness: StoreHarness;
let client: InstanceType<typeof grpc.StreamsClient>;
const stream = streamName();

beforeAll(async () => {
  harness = await StoreHarness.start();
  await harness.client().appendToStream(stream, events(EVENTS));
  client = new grpc.StreamsClient(`127.0.0.1:${harness.port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await harness.stopStore();
});

const { Options } = streams.ReadReq;
const { path, requestSerialize } = grpc.StreamsService.read;

const wholeStream = (): streams.ReadReq => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  const target = new Options.StreamOptions();
  target.setStreamIdentifier(identifier);
  target.setStart(new shared.Empty());
  const uuids = new Options.UUIDOption();
  uuids.setString(new shared.Empty());
  const options = new Options();
  options.setStream(target);
  options.setReadDirection(Options.ReadDirection.FORWARDS);
  options.setCount(String(EVENTS));
  options.setNoFilter(new shared.Empty());
  options.setUuidOption(uuids);
  return new streams.ReadReq().setOptions(options);
};

const asItComes = (message: Buffer): Buffer => message;

/** Returns the messages with which the whole stream is answered, as they come. */
const answers = async (header?: string): Promise<Buffer[]> => {
  const metadata = new Metadata();
  if (header !== undefined) metadata.set(PACKED_HEADER, header);
  const call = client.makeServerStreamRequest(path, requestSerialize, asItComes, wholeStream(), metadata);
  const messages: Buffer[] = [];
  for await (const message of call) messages.push(message as Buffer);
  return messages;
};

const unpacked = (message: Buffer): Buffer[] => {
  const pack = openPack(message);
  if (!pack) return [message];
  const all: Buffer[] = [];
  while (pack.next()) all.push(pack.bytes());
  return all;
};

describe('a read by a client that takes packed messages', () => {
  it('brings the same answers in the same order, in far fewer messages', async () => {
    const alone = await answers();
    const packed = await answers(PACKED);
    expect(packed.flatMap(unpacked)).toEqual(alone);
    expect(packed.length).toBeLessThan(EVENTS / 10);
  });

  it('is needed: other clients get each answer by itself', async () => {
    const alone = await answers('something else');
    expect(alone.length).toBeGreaterThanOrEqual(EVENTS);
    expect(alone.some((message) => openPack(message))).toBe(false);
  });
});

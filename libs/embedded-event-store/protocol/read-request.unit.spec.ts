import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { describe, expect, it } from 'vitest';
import { readRequest } from './read-request.js';

const { ReadReq } = streams;
const empty = (): InstanceType<typeof shared.Empty> => new shared.Empty();

/** Returns options with everything that each request needs, written by the client's own classes. */
const optionsOf = (change: (options: InstanceType<typeof ReadReq.Options>) => void): Buffer => {
  const options = new ReadReq.Options();
  const uuids = new ReadReq.Options.UUIDOption();
  uuids.setString(empty());
  options.setUuidOption(uuids);
  options.setNoFilter(empty());
  const all = new ReadReq.Options.AllOptions();
  all.setStart(empty());
  options.setAll(all);
  change(options);
  return Buffer.from(new ReadReq().setOptions(options).serializeBinary());
};

const filterOf = (
  change: (filter: InstanceType<typeof ReadReq.Options.FilterOptions>) => void,
): InstanceType<typeof ReadReq.Options.FilterOptions> => {
  const filter = new ReadReq.Options.FilterOptions();
  const expression = new ReadReq.Options.FilterOptions.Expression();
  expression.setPrefixList(['a-', 'b-']);
  filter.setStreamIdentifier(expression);
  filter.setCount(empty());
  filter.setCheckpointintervalmultiplier(2);
  change(filter);
  return filter;
};

const subscribe = (change: Parameters<typeof filterOf>[0]): Buffer =>
  optionsOf((options) => {
    options.setSubscription(new ReadReq.Options.SubscriptionOptions());
    options.setFilter(filterOf(change));
  });

const fromPosition = (commit: bigint, prepare: bigint): Buffer =>
  optionsOf((options) => {
    const position = new ReadReq.Options.Position();
    position.setCommitPosition(String(commit)).setPreparePosition(String(prepare));
    options.getAll()!.setPosition(position);
    options.setSubscription(new ReadReq.Options.SubscriptionOptions());
  });
const fromRevision = (revision: bigint): Buffer =>
  optionsOf((options) => {
    const stream = new ReadReq.Options.StreamOptions();
    stream.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from('s')));
    options.setStream(stream.setRevision(String(revision)));
    options.setSubscription(new ReadReq.Options.SubscriptionOptions());
  });

describe('a read request', () => {
  it('of $all has a direction, a position and a limit', () => {
    const bytes = optionsOf((options) => {
      const position = new ReadReq.Options.Position();
      position.setCommitPosition('123456789012');
      position.setPreparePosition('7');
      options.getAll()!.setPosition(position);
      options.setReadDirection(1);
      options.setCount('9007199254740991');
    });
    expect(readRequest(bytes)).toMatchObject({
      kind: 'read',
      stream: undefined,
      from: { commit: 123_456_789_012, prepare: 7 },
      direction: 'backwards',
      limit: Number.MAX_SAFE_INTEGER,
      uuids: 'text',
    });
  });

  it('of a stream has a revision', () => {
    const bytes = optionsOf((options) => {
      const stream = new ReadReq.Options.StreamOptions();
      stream.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from('größe')));
      stream.setRevision('7');
      options.setStream(stream);
      options.setCount('1');
    });
    expect(readRequest(bytes)).toMatchObject({ stream: 'größe', from: 7, direction: 'forwards', limit: 1 });
  });

  it('from 2^64-1 is one from the end', () => {
    const last = 2n ** 64n - 1n;
    expect(readRequest(fromPosition(last, last))).toMatchObject({ from: 'end' });
    expect(readRequest(fromRevision(last))).toMatchObject({ from: 'end' });
  });

  it('from a number that is not a position is refused', () => {
    const numbers: [bigint, bigint][] = [
      [2n ** 63n, 0n],
      [2n ** 64n - 2n, 2n ** 64n - 2n],
      [2n ** 64n - 1n, 0n],
      [0n, 2n ** 64n - 1n],
      [7n, 8n],
    ];
    for (const [commit, prepare] of numbers)
      expect(() => readRequest(fromPosition(commit, prepare))).toThrow(/thrown by handler/u);
    for (const revision of [2n ** 63n, 2n ** 64n - 2n])
      expect(() => readRequest(fromRevision(revision))).toThrow(/thrown by handler/u);
  });

  it('that subscribes has a filter and a checkpoint interval of whole search windows', () => {
    const request = readRequest(subscribe(() => {}));
    expect(request).toMatchObject({
      kind: 'subscribe',
      from: 'start',
      checkpoints: { window: 32, interval: 64 },
    });
    expect(request.filter({ stream: 'b-1', type: 'T' })).toBe(true);
    expect(request.filter({ stream: 'c-1', type: 'T' })).toBe(false);
    expect(readRequest(subscribe((filter) => filter.setMax(5)))).toMatchObject({
      checkpoints: { window: 5, interval: 10 },
    });
    expect(() => readRequest(subscribe((filter) => filter.setCheckpointintervalmultiplier(0)))).toThrow(
      /thrown by handler/u,
    );
  });

  it('without a count, backwards and live, or of nothing is refused', () => {
    expect(() => readRequest(optionsOf(() => {}))).toThrow(/count/u);
    const backwards = optionsOf((options) => {
      options.setSubscription(new ReadReq.Options.SubscriptionOptions());
      options.setReadDirection(1);
    });
    expect(() => readRequest(backwards)).toThrow(/forwards/u);
    expect(() => readRequest(Buffer.alloc(0))).toThrow(/required/u);
  });
});

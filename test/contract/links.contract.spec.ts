import {
  BACKWARDS,
  END,
  START,
  jsonEvent,
  streamNameFilter,
  type EventData,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, clients, clientTest, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Follower } from './support/subscriptions.js';
import { collect, event, events, numbers, streamName } from './support/streams.js';

const client = connect();
const RESOLVE = core('Services/Storage/StorageReaderWorker.cs', 'ResolveLinkToEvent');
const READING = clients('reading-events: resolveLinkTos');

const linkTo = (stream: string, revision: number | string): EventData =>
  ({
    ...jsonEvent({ type: '$>', data: {} }),
    contentType: 'application/octet-stream',
    data: Buffer.from(`${revision}@${stream}`),
  }) as unknown as EventData;

/** Makes a stream with links to all events of another stream, in order. */
const linked = async (count: number): Promise<{ target: string; links: string }> => {
  const target = streamName('target');
  const links = streamName('links');
  await client.appendToStream(target, events(count));
  await client.appendToStream(
    links,
    Array.from({ length: count }, (_, i) => linkTo(target, i)),
  );
  return { target, links };
};

const resolved = (stream: string): Promise<ResolvedEvent[]> =>
  collect(client.readStream(stream, { resolveLinkTos: true }));

describe('a link', () => {
  behaviour('is an event like any other unless the reader follows links', READING, async () => {
    const { target, links } = await linked(2);
    const read = await collect(client.readStream(links));
    expect(read.map(({ event: recorded }) => recorded!.type)).toEqual(['$>', '$>']);
    expect(read.map(({ link }) => link)).toEqual([undefined, undefined]);
    expect(Buffer.from(read[1]!.event!.data as Uint8Array).toString()).toBe(`1@${target}`);
  });

  behaviour(
    'comes with its event when it is followed',
    clientTest('streams/appendToStream.test.ts: linkTo'),
    async () => {
      const { target, links } = await linked(3);
      const read = await resolved(links);
      expect(numbers(read)).toEqual([0, 1, 2]);
      expect(read.map(({ event: recorded }) => recorded!.streamId)).toEqual([target, target, target]);
      expect(read.map(({ link }) => [link!.streamId, link!.revision])).toEqual([
        [links, 0n],
        [links, 1n],
        [links, 2n],
      ]);
    },
  );

  behaviour('is followed backwards, too', READING, async () => {
    const { links } = await linked(3);
    const read = client.readStream(links, { direction: BACKWARDS, fromRevision: END, resolveLinkTos: true });
    expect(numbers(await collect(read))).toEqual([2, 1, 0]);
  });

  behaviour(
    'has its own position, and so has its event',
    core('Data/ResolvedEvent.cs', 'CalculatePosition'),
    async () => {
      const { links } = await linked(1);
      const [{ event: recorded, link, commitPosition }] = (await resolved(links)) as [ResolvedEvent];
      expect(commitPosition).toBe(link!.position!.commit);
      expect(recorded!.position!.commit).toBeLessThan(link!.position!.commit);
    },
  );

  behaviour('is followed in $all', READING, async () => {
    const { target, links } = await linked(1);
    const [own] = await collect(client.readStream(links));
    const fromPosition = own!.event!.position!;
    const [read] = await collect(client.readAll({ fromPosition, maxCount: 1, resolveLinkTos: true }));
    expect([read!.link!.streamId, read!.event!.streamId]).toEqual([links, target]);
  });

  behaviour('to an event that does not exist comes alone', RESOLVE, async () => {
    const links = streamName('links');
    const { target } = await linked(1);
    await client.appendToStream(links, [linkTo(target, 7), linkTo(streamName('nowhere'), 0)]);
    const read = await resolved(links);
    expect(read.map(({ event: recorded }) => recorded)).toEqual([undefined, undefined]);
    expect(read.map(({ link }) => link!.revision)).toEqual([0n, 1n]);
  });

  behaviour('to an event that retention hides comes alone', RESOLVE, async () => {
    const { target, links } = await linked(3);
    await client.setStreamMetadata(target, { truncateBefore: 2 });
    const read = await resolved(links);
    expect(read.map(({ event: recorded }) => recorded?.revision)).toEqual([undefined, undefined, 2n]);
  });

  behaviour('to a deleted stream comes alone', RESOLVE, async () => {
    const { target, links } = await linked(1);
    await client.deleteStream(target);
    expect((await resolved(links))[0]).toMatchObject({ link: { streamId: links } });
    expect((await resolved(links))[0]!.event).toBeUndefined();
  });

  behaviour('to a stream whose name has an @ is followed', RESOLVE, async () => {
    const target = streamName('a@b');
    const links = streamName('links');
    await client.appendToStream(target, event(5));
    await client.appendToStream(links, linkTo(target, 0));
    expect(numbers(await resolved(links))).toEqual([5]);
  });

  behaviour('to a link is followed once', RESOLVE, async () => {
    const { links } = await linked(1);
    const more = streamName('links');
    await client.appendToStream(more, linkTo(links, 0));
    expect((await resolved(more))[0]!.event!.type).toBe('$>');
  });

  behaviour('whose data names no revision comes unchanged', RESOLVE, async () => {
    const links = streamName('links');
    await client.appendToStream(links, linkTo('stream', 'first'));
    const [read] = await resolved(links);
    expect([read!.event!.type, read!.link]).toEqual(['$>', undefined]);
  });
});

describe('a subscription that follows links', () => {
  behaviour(
    'delivers their events, past and future',
    clients('subscriptions: resolving link-to events'),
    async () => {
      const { target, links } = await linked(2);
      const follower = new Follower(
        client.subscribeToStream(links, { fromRevision: START, resolveLinkTos: true }),
      );
      await follower.caughtUp();
      await client.appendToStream(target, event(2));
      await client.appendToStream(links, linkTo(target, 2));
      const received = await follower.events(3);
      expect(numbers(received)).toEqual([0, 1, 2]);
      expect(received.map(({ link }) => link!.streamId)).toEqual([links, links, links]);
    },
  );

  behaviour(
    'filters $all by the link, not by the event behind it',
    core('Services/SubscriptionsService.cs', 'ProcessEventCommited'),
    async () => {
      const { links } = await linked(2);
      const filter = streamNameFilter({ prefixes: [links] });
      const follower = new Follower(
        client.subscribeToAll({ fromPosition: START, filter, resolveLinkTos: true }),
      );
      expect(numbers(await follower.events(2))).toEqual([0, 1]);
    },
  );
});

import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:http2';
import { createInterface } from 'node:readline';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { WireWriter } from '#libs/protobuf/wire.js';
import { Election } from './election.js';
import { forwardCall, refuseCall } from './forward-call.js';
import { framed } from './lost-append.js';
import { HOST, TAKE_THE_LEAD } from './member-plan.js';
import type { Heartbeat } from './election.js';
import type { Refusal, Verdict } from './forward-call.js';
import type { MemberPlan, MemberSays } from './member-plan.js';

const GOSSIP = '/event_store.client.gossip.Gossip/Read';
const WRITES = ['Append', 'BatchAppend', 'Delete', 'Tombstone'].map(
  (method) => `/event_store.client.streams.Streams/${method}`,
);
const HEARTBEAT_MS = 25;
const REACH_MS = 250;
const NOT_FOUND = 5;
const UNAVAILABLE = 14;

/**
 * A member of a stand-in cluster. It serves gossip and forwards all other calls to the one store behind all members, or
 * loses or refuses them as a real member that is not the leader does (RpcExceptions.cs). It takes its plan as its argument
 * and ends with its parent.
 */
const plan = JSON.parse(process.argv[2]!) as MemberPlan;
const { self, ports, silenceMs, electionMs } = plan;
const election = new Election({ members: ports.length, self, silenceMs, electionMs });
const store = connect(`http://${HOST}:${plan.storePort}`);
const heartbeats = createSocket('udp4');

const whenLeaderBeats: (() => void)[] = [];

const say = (what: MemberSays): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

const tellOthers = (): void => {
  const message = JSON.stringify(election.heartbeat);
  ports.forEach((port, member) => {
    if (member !== self) heartbeats.send(message, port, HOST);
  });
};

const leads = (): void => {
  tellOthers();
  say({ leads: true, term: election.heartbeat.term });
};

const beat = (): void => {
  if (election.tick(performance.now())) leads();
  else tellOthers();
};

/** Like a real member, a follower forwards writes, or names its leader if the call requires the leader. */
const judge = (writes: boolean, requiresLeader: boolean): Verdict => {
  const { leader } = election;
  if (leader === undefined) return { status: UNAVAILABLE, message: 'Server Is Not Ready' };
  if (requiresLeader && leader !== self) return notLeader(leader);
  if (!writes) return 'passed on';
  if (leader !== self) return reachesLeader();
  return election.canWriteAt(performance.now()) ? 'passed on' : 'lost';
};

/** A write that a follower forwards reaches the leader if the leader is heard from again soon. */
const reachesLeader = (): Promise<'passed on' | 'lost'> =>
  new Promise((resolve) => {
    const lost = setTimeout(() => resolve('lost'), REACH_MS);
    whenLeaderBeats.push(() => {
      clearTimeout(lost);
      resolve('passed on');
    });
  });

const hear = (heartbeat: Heartbeat): void => {
  election.hear(heartbeat, performance.now());
  if (heartbeat.from === election.leader) for (const reached of whenLeaderBeats.splice(0)) reached();
};

const notLeader = (leader: number): Refusal => ({
  status: NOT_FOUND,
  message: 'Leader info available',
  trailers: {
    exception: 'not-leader',
    'leader-endpoint-host': HOST,
    'leader-endpoint-port': String(ports[leader]),
  },
});

const gossip = (): Buffer => {
  const info = new WireWriter(Buffer.allocUnsafe(4096));
  for (const { member, isAlive, state } of election.viewAt(performance.now())) {
    const endPoint = WireWriter.small().string(1, HOST).uint(2, ports[member]!).finish();
    const id = WireWriter.small().string(2, `00000000-0000-4000-8000-00000000000${member}`).finish();
    const fields = WireWriter.small()
      .bytes(1, id)
      .uint(3, state)
      .uint(4, isAlive ? 1 : 0)
      .bytes(5, endPoint);
    info.bytes(1, fields.finish());
  }
  return info.finish();
};

const answerGossip = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(framed(gossip()));
  stream.resume();
};

const accept = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
  stream.on('error', () => {}); // the client left
  const path = headers[':path'] ?? '';
  if (path === GOSSIP) return answerGossip(stream);
  const verdict = (): Verdict => judge(WRITES.includes(path), headers['requires-leader'] === 'true');
  const first = verdict();
  if (typeof first === 'object' && 'status' in first) refuseCall(stream, first);
  else forwardCall(stream, headers, store, verdict);
};

const start = (): void => {
  const server = createServer();
  server.on('stream', accept);
  server.on('session', (session) => session.on('error', () => session.destroy()));
  server.on('sessionError', () => {});
  store.on('error', () => process.exit(1));
  heartbeats.on('message', (bytes) => hear(JSON.parse(String(bytes)) as Heartbeat));
  heartbeats.bind(ports[self], HOST, () => {
    server.listen(ports[self], HOST, () => say({ ready: true }));
    setInterval(beat, HEARTBEAT_MS);
  });
  createInterface(process.stdin)
    .on('line', (line) => {
      if (line !== TAKE_THE_LEAD) return;
      election.takeLead();
      leads();
    })
    .on('close', () => process.exit(0));
};

start();

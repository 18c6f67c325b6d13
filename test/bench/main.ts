import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { arrivals } from './arrivals.bench.js';
import { cuts } from './cuts.bench.js';
import { delivery } from './delivery.bench.js';
import { exportBench } from './export.bench.js';
import { failover } from './failover.bench.js';
import { floods } from './floods.bench.js';
import { idle } from './idle.bench.js';
import { idleProcess } from './idle-process.bench.js';
import { outage } from './outage.bench.js';
import { reconnect } from './reconnect.bench.js';
import { recount } from './recount.bench.js';
import { replay } from './replay.bench.js';
import { serving } from './serving.bench.js';
import { slowReader } from './slow-reader.bench.js';
import { say, writeResults } from './harness/results.js';
import { peers, type PeersResults } from './peers/peers.bench.js';
import { recordPeers } from './peers/record.js';
import { queries } from './queries.bench.js';
import { rebuild } from './rebuild.bench.js';
import { start } from './start.bench.js';
import { store } from './store.bench.js';
import { sums } from './sums.bench.js';

const USAGE = `npm run bench -- <name> [--out results.json]

  peers       Verbatim and what people would pick instead, on the same work         [--runs 3] [--seconds 6] [--only steady,bare]
              (--write: record it, and show it in the README; --quick alone: the shortest of it, once)
  delivery    100 bots in 10 channels at 1,000 messages/s, next to bare Socket.IO  [--seconds 60]
  throughput  10 bots that post as fast as they get answers, next to bare Socket.IO     [--seconds 10] [--pipeline 20]
  cuts        60 bots cut for 2 s every 10 s, next to Socket.IO's recovery with Redis  [--seconds 180] [--rate 500]
  rebuild     a rebuild of the read model of messages, next to COPY; its lag          [--messages 200000] [--runs 3] [--rate 1000] [--seconds 20]
  serving     queries while messages is rebuilt and 500 messages/s arrive           [--messages 200000] [--rate 500] [--seconds 10]
  recount     what live bots notice while read models are compared with the log     [--messages 300000] [--rate 1000] [--seconds 60]
  queries     every query to the read models, with its plan                         [--messages 1000000] [--runs 200]
  floods      what 20 bots notice of each kind of flood, and what it leaves in memory   [--runs 3] [--seconds 10] [--only half-open]
  slow-reader 1,000 messages/s without and with a bot that does not read            [--seconds 60]
  replay      a backlog of 100,000 messages next to a raw read, and what 50 live bots notice  [--seconds 20]
  reconnect   100 bots cut for 5 s and back all at once, 500 messages/s meanwhile   [--runs 5]
  idle        memory of idle connections, next to bare Socket.IO                    [--connections 5000]
  idle-process  CPU and wake-ups of a started system that nobody uses               [--seconds 60]
  arrivals    what 100 live bots notice when 5,000 others connect                  [--seconds 20] [--rate 500] [--arriving 5000]
  outage      PostgreSQL away and back: time until admins get answers from it again  [--runs 5] [--seconds 20]
  failover    the leader of a cluster killed, frozen or replaced: time until posts go on  [--runs 10]
  start       time to ready and to a backlog, by size of the log                    [--runs 5] [--large 1000000] [--keep folder]
  export      an export and verifications of a whole log, next to a bare read of it[--runs 3] [--large 1000000] [--keep folder]
  store       the event store alone, next to LMDB and a server in memory             [--seconds 2] [--large 1000000]
  sums        the event store's reads with and without the check of each event's sum  [--runs 15] [--large 100000]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string' },
    pipeline: { type: 'string' },
    runs: { type: 'string' },
    large: { type: 'string' },
    messages: { type: 'string' },
    connections: { type: 'string' },
    keep: { type: 'string' },
    arriving: { type: 'string' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const number = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);

const CROWD = {
  bots: 100,
  channels: 10,
  rate: number(values.rate, 1_000),
  seconds: number(values.seconds, 60),
  pipeline: 0,
};

const benchmarks = {
  peers: {
    options: {
      quick: values.quick,
      seconds: number(values.seconds, values.quick ? 4 : 6),
      runs: number(values.runs, values.quick ? 1 : 3),
      only: values.only,
    },
    run: peers,
  },
  delivery: {
    options: CROWD,
    run: delivery,
  },
  throughput: {
    options: {
      bots: 10,
      channels: 10,
      rate: 0,
      seconds: number(values.seconds, 10),
      pipeline: number(values.pipeline, 20),
    },
    run: delivery,
  },
  floods: {
    options: {
      bots: 20,
      channels: 4,
      rate: number(values.rate, 200),
      seconds: number(values.seconds, 10),
      pipeline: 0,
      only: values.only,
      runs: number(values.runs, 3),
    },
    run: floods,
  },
  'slow-reader': {
    options: CROWD,
    run: slowReader,
  },
  replay: {
    options: {
      bots: 50,
      channels: 5,
      rate: number(values.rate, 500),
      seconds: number(values.seconds, 20),
      pipeline: 0,
      backlog: 100_000,
    },
    run: replay,
  },
  reconnect: {
    options: { bots: 100, channels: 10, rate: number(values.rate, 500), runs: number(values.runs, 5) },
    run: reconnect,
  },
  arrivals: {
    options: {
      bots: 100,
      channels: 10,
      rate: number(values.rate, 500),
      seconds: number(values.seconds, 20),
      pipeline: 0,
      arriving: number(values.arriving, 5_000),
    },
    run: arrivals,
  },
  idle: { options: { connections: number(values.connections, 5_000) }, run: idle },
  'idle-process': { options: { seconds: number(values.seconds, 60) }, run: idleProcess },
  cuts: {
    options: {
      bots: 60,
      channels: 6,
      rate: number(values.rate, 500),
      seconds: number(values.seconds, 180),
      everySeconds: 10,
      cutSeconds: 2,
    },
    run: cuts,
  },
  rebuild: {
    options: {
      messages: number(values.messages, 200_000),
      runs: number(values.runs, 3),
      rate: number(values.rate, 1_000),
      seconds: number(values.seconds, 20),
    },
    run: rebuild,
  },
  recount: {
    options: { ...CROWD, messages: number(values.messages, 300_000) },
    run: recount,
  },
  serving: {
    options: {
      messages: number(values.messages, 200_000),
      rate: number(values.rate, 500),
      seconds: number(values.seconds, 10),
    },
    run: serving,
  },
  queries: {
    options: { messages: number(values.messages, 1_000_000), runs: number(values.runs, 200) },
    run: queries,
  },
  outage: { options: { runs: number(values.runs, 5), seconds: number(values.seconds, 20) }, run: outage },
  failover: { options: { runs: number(values.runs, 10) }, run: failover },
  start: {
    options: {
      keep: values.keep ?? join(tmpdir(), 'verbatim-bench'),
      runs: number(values.runs, 5),
      small: 10_000,
      large: number(values.large, 1_000_000),
    },
    run: start,
  },
  export: {
    options: {
      keep: values.keep ?? join(tmpdir(), 'verbatim-bench'),
      runs: number(values.runs, 3),
      events: number(values.large, 1_000_000),
    },
    run: exportBench,
  },
  store: {
    options: { seconds: number(values.seconds, 2), events: number(values.large, 1_000_000), bytes: 500 },
    run: store,
  },
  sums: {
    options: { runs: number(values.runs, 15), events: number(values.large, 100_000), bytes: 500 },
    run: sums,
  },
};

// Processes that were started end when this process exits, but a signal would kill it without an exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const [name = values.quick ? 'peers' : ''] = positionals;
if (name in benchmarks) {
  const { options, run } = benchmarks[name as keyof typeof benchmarks];
  const results = await (run as (given: object) => Promise<object>)(options);
  await writeResults(values.out, name, options, results);
  if (values.write && name === 'peers' && !values.quick)
    await recordPeers(benchmarks.peers.options, results as PeersResults, values.only !== '');
} else {
  say(USAGE);
  process.exitCode = 1;
}

import { bare } from './bare.system.js';
import { durableStreams } from './durable-streams.system.js';
import { jetStreamDefault, jetStreamSynced } from './jetstream.system.js';
import { redisAlways, redisEverySecond } from './redis-streams.system.js';
import { verbatim } from './verbatim.system.js';

export const ALL_SYSTEMS = [
  bare,
  redisEverySecond,
  redisAlways,
  jetStreamDefault,
  jetStreamSynced,
  durableStreams,
  verbatim,
];

/** Those of the quick mode. Verbatim is what the others are compared with. */
export const QUICK_SYSTEMS = [bare, redisAlways, jetStreamDefault, verbatim];

import type { PacketHead } from './packet-head.js';

/** Bytes that cost one token: a request longer than another by this much costs as much as one more request. */
const BYTES_A_TOKEN = 32 * 1024;
/** Acknowledgements and heartbeats cost less, because they start no work. */
const LIGHT = 0.25;

/** Returns the cost of an incoming packet, before it is parsed. A request of a few bytes costs one token. */
export const intakeCost = (kind: PacketHead['kind'], bytes: number): number =>
  (kind === 'acknowledgement' ? LIGHT : 1) + bytes / BYTES_A_TOKEN;

/** The cost of one heartbeat, in tokens. */
export const HEARTBEAT_COST = LIGHT;

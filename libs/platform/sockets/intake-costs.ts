import type { PacketHead } from './packet-head.js';

/** A request that has so many bytes more than another costs as much as one more. */
const BYTES_A_TOKEN = 32 * 1024;
/** Acknowledgements and heartbeats start no work. */
const LIGHT = 0.25;

/** What taking a packet in costs, before anybody has looked into it. A request of a few bytes costs one. */
export const intakeCost = (kind: PacketHead['kind'], bytes: number): number =>
  (kind === 'acknowledgement' ? LIGHT : 1) + bytes / BYTES_A_TOKEN;

/** What one heartbeat costs. */
export const HEARTBEAT_COST = LIGHT;

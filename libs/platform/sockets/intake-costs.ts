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

/** What stands between two packets of a polling payload (Engine.IO protocol, revision 4). */
const SEPARATOR = '\u001e';

/** Whether a payload holds more packets than so many. Looks no further than it has to. */
export const holdsMoreThan = (packets: number, payload: string): boolean => {
  let at = -1;
  for (let found = 0; found < packets; found += 1) {
    at = payload.indexOf(SEPARATOR, at + 1);
    if (at === -1) return false;
  }
  return true;
};

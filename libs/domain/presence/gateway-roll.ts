import type { GatewayEvent } from './presence.events.js';

/**
 * Counts, for each other gateway, how many of our own heartbeats the log has shown since that gateway's last
 * one. No clock is involved. A gateway that was itself asleep or cut off from the store has not written
 * heartbeats either, so it never takes another one for lost.
 */
export type GatewayRoll = ReadonlyMap<string, number>;

/** How many of our own heartbeats without one from another gateway make that gateway count as lost. */
export const SILENT_BEATS = 4;

export const heard = (roll: GatewayRoll, self: string, { type, data }: GatewayEvent): GatewayRoll => {
  const { gateway } = data;
  if (type === 'GatewayStopped') return without(roll, gateway);
  if (gateway !== self) return new Map(roll).set(gateway, 0);
  return new Map([...roll].map(([other, beats]) => [other, beats + 1]));
};

/** Adds gateways that are known from elsewhere, as if their heartbeat had just arrived. */
export const expecting = (roll: GatewayRoll, gateways: Iterable<string>): GatewayRoll => {
  const added = new Map(roll);
  for (const gateway of gateways) if (!added.has(gateway)) added.set(gateway, 0);
  return added;
};

export const silent = (roll: GatewayRoll): string[] =>
  [...roll].filter(([, beats]) => beats >= SILENT_BEATS).map(([gateway]) => gateway);

export const without = (roll: GatewayRoll, gateway: string): GatewayRoll => {
  const left = new Map(roll);
  left.delete(gateway);
  return left;
};

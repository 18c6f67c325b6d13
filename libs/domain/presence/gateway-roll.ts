import type { GatewayEvent } from './presence.events.js';

/**
 * The other gateways, each with how many of our own heartbeats the log has brought since its last. Time has no part in
 * it: a gateway that was itself asleep or cut off from the store has not beaten either, and so blames nobody.
 */
export type GatewayRoll = ReadonlyMap<string, number>;

/** Own heartbeats without a word of another gateway after which it counts as lost. */
export const SILENT_BEATS = 4;

export const heard = (roll: GatewayRoll, self: string, { type, data }: GatewayEvent): GatewayRoll => {
  const { gateway } = data;
  if (type === 'GatewayStopped') return without(roll, gateway);
  if (gateway !== self) return new Map(roll).set(gateway, 0);
  return new Map([...roll].map(([other, beats]) => [other, beats + 1]));
};

/** Adds gateways that are known from elsewhere, as if heard of just now. */
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

import type { DomainEvent } from '../event.js';

/** One connection of a consumer. `connection` never comes again; `gateway` names the run of the process that holds it. */
export type Connection = Readonly<{ bot: string; consumer: string; connection: string; gateway: string }>;

/** Everything that can happen in a `presence-<name>` stream. */
export type BotConnected = DomainEvent<'BotConnected', Connection>;
/** `reason`: a code, see the protocol. */
export type BotDisconnected = DomainEvent<'BotDisconnected', Connection & { reason: string }>;

export type PresenceEvent = BotConnected | BotDisconnected;

export const PRESENCE_EVENT_TYPES = [
  'BotConnected',
  'BotDisconnected',
] as const satisfies readonly PresenceEvent['type'][];

/** Everything that can happen in the `gateways-heartbeats` stream. */
export type GatewaySeen = DomainEvent<'GatewaySeen', { gateway: string }>;
export type GatewayStopped = DomainEvent<'GatewayStopped', { gateway: string }>;

export type GatewayEvent = GatewaySeen | GatewayStopped;

export const GATEWAY_EVENT_TYPES = [
  'GatewaySeen',
  'GatewayStopped',
] as const satisfies readonly GatewayEvent['type'][];

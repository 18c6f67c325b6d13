import type { DomainEvent } from '../event.js';

/**
 * One connection of a consumer. A `connection` id is never reused. `gateway` names one run of the process
 * that holds the connection.
 */
export type Connection = Readonly<{ bot: string; consumer: string; connection: string; gateway: string }>;

/**
 * The events of a `presence-<name>` stream. `began` is when the connection began, in milliseconds since 1970 on its
 * gateway's clock. Older events lack it.
 */
export type BotConnected = DomainEvent<'BotConnected', Connection & { began?: number }>;
/** A connection ended. `reason` is a code from the protocol. */
export type BotDisconnected = DomainEvent<'BotDisconnected', Connection & { reason: string }>;

export type PresenceEvent = BotConnected | BotDisconnected;

export const PRESENCE_EVENT_TYPES = [
  'BotConnected',
  'BotDisconnected',
] as const satisfies readonly PresenceEvent['type'][];

/** The events of the `gateways-heartbeats` stream. */
export type GatewaySeen = DomainEvent<'GatewaySeen', { gateway: string }>;
export type GatewayStopped = DomainEvent<'GatewayStopped', { gateway: string }>;

export type GatewayEvent = GatewaySeen | GatewayStopped;

export const GATEWAY_EVENT_TYPES = [
  'GatewaySeen',
  'GatewayStopped',
] as const satisfies readonly GatewayEvent['type'][];

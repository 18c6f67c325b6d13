import type { DomainEvent } from '../event.js';

export type Visibility = 'public' | 'private';

/** Everything that can happen in a `channel-<channel>` stream. */
export type ChannelOpened = DomainEvent<'ChannelOpened', { channel: string; visibility: Visibility }>;
export type ChannelArchived = DomainEvent<'ChannelArchived', { channel: string }>;
/** `from`: the channel's last seq when the bot came, -1 if there was none; what follows is the bot's to receive. */
export type BotJoined = DomainEvent<'BotJoined', { channel: string; bot: string; from: number }>;
export type BotLeft = DomainEvent<'BotLeft', { channel: string; bot: string }>;

export type ChannelEvent = ChannelOpened | ChannelArchived | BotJoined | BotLeft;

export const CHANNEL_EVENT_TYPES = [
  'ChannelOpened',
  'ChannelArchived',
  'BotJoined',
  'BotLeft',
] as const satisfies readonly ChannelEvent['type'][];

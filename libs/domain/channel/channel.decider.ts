import { Rejection } from '../rejection.js';
import type { ChannelEvent, Visibility } from './channel.events.js';

export type Channel =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'open' | 'archived';
      readonly name: string;
      readonly visibility: Visibility;
      /** The members, each with the seq after which its membership began. */
      readonly members: ReadonlyMap<string, number>;
    };

export type ChannelCommand =
  | Readonly<{ type: 'OpenChannel'; channel: string; visibility: Visibility }>
  | Readonly<{ type: 'ArchiveChannel'; channel: string }>
  /** A bot joins by itself. Allowed for public channels only. */
  | Readonly<{ type: 'JoinChannel'; channel: string; bot: string; head: number }>
  /** An admin adds a bot. Allowed for any channel. */
  | Readonly<{ type: 'AddMember'; channel: string; bot: string; head: number }>
  | Readonly<{ type: 'LeaveChannel'; channel: string; bot: string }>;

export const unknownChannel: Channel = { status: 'unknown' };

export const isMember = (channel: Channel, bot: string): boolean =>
  channel.status !== 'unknown' && channel.members.has(bot);

/**
 * Decides a command about one channel and its members.
 *
 * @throws Rejection `already_exists`, `unknown_channel`, `forbidden` or `channel_archived`
 */
export const decideChannel = (command: ChannelCommand, state: Channel): ChannelEvent[] => {
  const { channel } = command;
  if (command.type === 'OpenChannel') {
    if (state.status !== 'unknown') {
      throw new Rejection('already_exists', `A channel named "${channel}" exists already`);
    }
    return [{ type: 'ChannelOpened', data: { channel, visibility: command.visibility } }];
  }
  if (state.status === 'unknown')
    throw new Rejection('unknown_channel', `There is no channel named "${channel}"`);
  switch (command.type) {
    case 'ArchiveChannel':
      return state.status === 'archived' ? [] : [{ type: 'ChannelArchived', data: { channel } }];
    case 'LeaveChannel':
      return state.members.has(command.bot) ? [{ type: 'BotLeft', data: { channel, bot: command.bot } }] : [];
    case 'JoinChannel':
    case 'AddMember':
      if (state.members.has(command.bot)) return [];
      if (state.status === 'archived')
        throw new Rejection('channel_archived', `Channel "${channel}" is archived`);
      if (command.type === 'JoinChannel' && state.visibility === 'private') {
        throw new Rejection('forbidden', `Channel "${channel}" is private: only an admin can add members`);
      }
      return [{ type: 'BotJoined', data: { channel, bot: command.bot, from: command.head } }];
  }
};

export const evolveChannel = (state: Channel, event: ChannelEvent): Channel => {
  if (event.type === 'ChannelOpened') {
    const { channel, visibility } = event.data;
    return { status: 'open', name: channel, visibility, members: new Map() };
  }
  if (state.status === 'unknown') return state;
  switch (event.type) {
    case 'ChannelArchived':
      return { ...state, status: 'archived' };
    case 'BotJoined':
      return { ...state, members: new Map(state.members).set(event.data.bot, event.data.from) };
    case 'BotLeft': {
      const members = new Map(state.members);
      members.delete(event.data.bot);
      return { ...state, members };
    }
  }
};

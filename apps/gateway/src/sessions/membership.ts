import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { isCurrent } from '#libs/domain/access/key.js';
import type { Key } from '#libs/domain/access/key.js';
import { isMember } from '#libs/domain/channel/channel.decider.js';
import { botStream, channelStream, parseStreamName } from '#libs/domain/stream-names.js';
import { tokenStands } from '#libs/directory/credentials.js';
import { Directory } from '#libs/directory/directory.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';
import { Sessions } from './sessions.js';
import type { Session } from './session.js';
import { Interval } from '#libs/time/interval.js';

const MEMBERSHIP = new Boundary('bots.membership');
/** Milliseconds between two checks of the keys of all connections. A key expires without an event. */
const LOOK_MS = 500;

/**
 * Keeps connections in step with the directory: delivery starts for a bot that joined a channel, and stops for one that
 * left it or lost access.
 */
@Injectable()
export class Membership implements OnModuleInit, BeforeApplicationShutdown {
  private readonly looks = new Interval(LOOK_MS, () => this.checkAll(), MEMBERSHIP);

  constructor(
    private readonly directory: Directory,
    private readonly sessions: Sessions,
  ) {}

  onModuleInit(): void {
    this.directory.onChange((event) => {
      const stream = parseStreamName(event.stream);
      if (stream?.family === 'channel') this.channelChanged(stream.id, event);
      if (stream?.family === 'bot')
        for (const session of this.sessions.sessionsOf(stream.id))
          keep(session, () => this.checkAccess(session));
    });
    this.looks.start();
  }

  beforeApplicationShutdown(): void {
    void this.looks.stop();
  }

  private checkAll(): void {
    for (const session of this.sessions.allSessions()) keep(session, () => this.checkAccess(session));
  }

  /**
   * Syncs the bot that an event is about. While the channel's stream is damaged it syncs all members, because nobody
   * knows whom the damaged event was about.
   */
  private channelChanged(channel: string, event: RecordedEvent): void {
    const { bot } = event.unreadable === undefined ? (event.data as { bot?: string }) : {};
    const isWhole = this.directory.damageOf(event.stream) === undefined;
    const concerned = isWhole ? (bot === undefined ? [] : [bot]) : this.directory.members(channel);
    for (const one of bot === undefined ? concerned : new Set([bot, ...concerned]))
      for (const session of this.sessions.sessionsOf(one))
        keep(session, () => this.syncChannel(session, channel));
  }

  /** Applies what changed between a bot's admission and its connection. */
  syncSession(session: Session): void {
    const channels = new Set([...this.directory.channelsOf(session.bot), ...session.delivering()]);
    for (const channel of channels) this.syncChannel(session, channel);
    this.checkAccess(session);
  }

  /** Brings the connections of all members of a channel in step with it. */
  syncMembers(channel: string): void {
    for (const bot of this.directory.members(channel))
      for (const session of this.sessions.sessionsOf(bot))
        keep(session, () => this.syncChannel(session, channel));
  }

  /** Starts or stops the delivery of a channel on one connection, as the directory now says. */
  syncChannel(session: Session, channel: string): void {
    const state = this.directory.channel(channel);
    if (!isMember(state, session.bot)) {
      session.undeliver(channel);
      session.cursors.drop(channel);
      return;
    }
    if (this.directory.damageOf(channelStream(channel))) return session.undeliver(channel);
    if (state.status === 'unknown') return;
    const since = state.members.get(session.bot)!;
    session.cursors.noteMembership(channel, since);
    if (session.isDelivering(channel) || session.isJoining(channel)) return;
    session.deliver(channel, session.cursors.get(channel) ?? since);
  }

  private hasStanding({ token, keyId }: Session, keys: Readonly<Record<string, Key>>): boolean {
    const at = Date.now();
    if (token) return tokenStands(token, this.directory, at);
    const key = keys[keyId];
    return key !== undefined && isCurrent(key, at);
  }

  private checkAccess(session: Session): void {
    const bot = this.directory.bot(session.bot);
    if (this.directory.damageOf(botStream(session.bot))) {
      return session.dismiss('access_withdrawn', 'The stream of this bot holds what nobody understands');
    }
    if (bot.status === 'active' && this.hasStanding(session, bot.keys)) return;
    session.dismiss('access_withdrawn', 'This key was revoked or has expired, or the bot was suspended');
  }
}

/**
 * Runs a sync. A connection that is out of step after a fault is closed; its access is checked again when it comes
 * back.
 */
const keep = (session: Session, inStep: () => void): void => MEMBERSHIP.run(inStep, () => session.fail());

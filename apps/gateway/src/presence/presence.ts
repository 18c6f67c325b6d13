import { Injectable } from '@nestjs/common';
import { isOnline } from '#libs/domain/presence/presence.js';
import { GatewayWatch } from './gateway-watch.js';
import type { PresenceChange } from './presence-board.js';
import { PresenceNotices } from './presence-notices.js';
import { PresenceRecorder } from './presence-recorder.js';

/** Brings what the log says of presence to those whom it concerns, in a fixed order. */
@Injectable()
export class Presence {
  private started = false;

  constructor(
    private readonly watch: GatewayWatch,
    private readonly recorder: PresenceRecorder,
    private readonly notices: PresenceNotices,
  ) {}

  /** Once all that was in the log at start is known. */
  start(): void {
    this.started = true;
    this.watch.start({
      onLost: (gateway) => this.recorder.gatewayLost(gateway),
      onHeard: (gateway) => this.recorder.gatewayHeard(gateway),
    });
  }

  changed(change: PresenceChange): void {
    if (!this.started) return;
    if (isOnline(change.before) !== isOnline(change.after)) this.notices.note(change);
    this.recorder.changed(change);
  }

  async stop(): Promise<void> {
    this.notices.stop();
    await this.recorder.stop('server_stopping');
    await this.watch.stop();
  }
}

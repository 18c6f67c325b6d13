import { Injectable } from '@nestjs/common';
import { isOnline } from '#libs/domain/presence/presence.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import { GatewayWatch } from './gateway-watch.js';
import type { PresenceChange } from './presence-board.js';
import { PresenceNotices } from './presence-notices.js';
import { PresenceRecorder } from './presence-recorder.js';

const CHANGE = new Boundary('presence.change');
/** Milliseconds after a fault until the log and the connections held here are compared once more. */
const AGAIN_MS = 1_000;

/** Passes changes of presence from the log to the notices and the recorder, in this order. */
@Injectable()
export class Presence {
  private started = false;

  constructor(
    private readonly watch: GatewayWatch,
    private readonly recorder: PresenceRecorder,
    private readonly notices: PresenceNotices,
  ) {}

  /** Must be called once everything that was in the log at start is known. */
  start(): void {
    this.started = true;
    this.watch.start({
      onLost: (gateway) => this.recorder.gatewayLost(gateway),
      onHeard: (gateway) => this.recorder.gatewayHeard(gateway),
    });
  }

  changed(change: PresenceChange): void {
    if (!this.started) return;
    if (isOnline(change.before) !== isOnline(change.after)) CHANGE.run(() => this.notices.noteChange(change));
    const compare = (): void => this.recorder.takeChange(change);
    CHANGE.run(compare, () => void SYSTEM_CLOCK.after(AGAIN_MS, compare));
  }

  async stopPresence(): Promise<void> {
    this.notices.stopNotices();
    await this.recorder.stopRecording('server_stopping');
    await this.watch.stopHeartbeat();
  }
}

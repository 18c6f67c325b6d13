import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { SNAPSHOTS_WATCHED } from '#libs/event-store/snapshot/snapshotter.js';
import { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { CursorKeepers } from './cursors/cursor-keepers.js';
import { GatewaySnapshotter } from './follow-log/gateway-snapshots.js';
import { PresenceRecorder } from './presence/presence-recorder.js';

/** What of a gateway may stand still, and for how long before that is said. */
@Injectable()
export class GatewayProgress implements OnModuleInit {
  constructor(
    private readonly progress: ProgressWatch,
    private readonly budget: WritingBudget,
    private readonly cursors: CursorKeepers,
    private readonly presence: PresenceRecorder,
    private readonly snapshots: GatewaySnapshotter,
  ) {}

  onModuleInit(): void {
    const { budget, cursors, presence, snapshots } = this;
    this.progress.watchProgress(
      { name: 'the writers', limitMs: 5_000, isVital: true, marks: () => budget.marks() },
      { name: 'cursors', limitMs: 15_000, isVital: false, marks: () => cursors.marks() },
      { name: 'presence', limitMs: 15_000, isVital: false, marks: () => presence.marks() },
      { name: 'snapshots of the gateway', ...SNAPSHOTS_WATCHED, marks: () => snapshots.marks() },
    );
  }
}

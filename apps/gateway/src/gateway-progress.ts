import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { SNAPSHOTS_WATCHED } from '#libs/event-store/snapshot/snapshotter.js';
import { WritingBudget } from '#libs/event-store/stream-writer/writing-budget.js';
import { ProgressWatch } from '#libs/platform/watch/progress-watch.js';
import { CursorKeepers } from './cursors/cursor-keepers.js';
import { GatewaySnapshotter } from './follow-log/gateway-snapshots.js';
import { PresenceRecorder } from './presence/presence-recorder.js';

/**
 * Registers the parts of a gateway whose progress is watched, and how long each may stand still before that is
 * reported.
 */
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

import { statfs } from 'node:fs/promises';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { Boundary } from '../faults/boundary.js';
import type { Health, HealthRegistry } from '../health/health.registry.js';
import type { Logger } from '../logging/logger.js';
import { describeRoom, roomState } from './disk-room.js';
import type { Room, RoomState } from './disk-room.js';
import type { ProgressWatch } from '../watch/progress-watch.js';
import { endsWithin } from '#libs/time/deadline.js';
import { Interval } from '#libs/time/interval.js';

const LOOK = new Boundary('disk.look');
const METRICS = new Boundary('metrics');

const LOOK_MS = 500;
/**
 * While this much more than the reserve is free, and this many files can be created, looks are rarer: no disk that we
 * know is filled faster than in the time between two of them.
 */
const FAR_BYTES = 8 * 1024 * 1024 * 1024;
const FAR_FILES = 100_000;
const FAR_LOOK_MS = 2_000;
/** Milliseconds that a start waits for the first check. A disk that hangs may never answer. */
const FIRST_MS = 2_000;
/** A system call to a disk that hangs does not end, and with it the checks. Bots may not need that disk. */
const WATCHED = { name: 'the check of the disks', limitMs: 5_000, isVital: false };
/** PostgreSQL creates files of 16 MiB for its journal, several at a time. */
const SHORT_BYTES = 64 * 1024 * 1024;

/** A folder on a disk, and the name that people know it by. */
export type DiskPlace = Readonly<{ name: string; folder: string }>;

type Seen = { room: Room | undefined; state: RoomState };

/** Checks the free room twice a second, or less often while it is far from running out, and warns before it does. */
export class DiskWatch {
  private readonly seen = new Map<string, Seen>();
  /** The check that is under way. Another one beside it would only block one more thread. */
  private measuring: Promise<void> | undefined;
  private readonly looks = new Interval(
    () => (this.isFarFromFull() ? FAR_LOOK_MS : LOOK_MS),
    () => this.measureRoom(),
    LOOK,
  );

  constructor(
    private readonly places: readonly DiskPlace[],
    private readonly reserveBytes: number,
    private readonly logger: Logger,
    private readonly roomOf: (folder: string) => Promise<Room> = roomIn,
  ) {
    for (const { name } of places) this.seen.set(name, { room: undefined, state: 'enough' });
  }

  /** Resolves after the first check, or without it if the disks do not answer. */
  async start(): Promise<void> {
    await endsWithin(FIRST_MS, this.measureRoom()).catch(() => undefined);
    this.looks.start();
  }

  stopWatching(): void {
    void this.looks.stop();
  }

  /** Returns whether a disk is so short of room that an engine on it which dies has most likely died of that. */
  isShort(name: string): boolean {
    const { room } = this.seen.get(name) ?? {};
    return room !== undefined && (room.freeBytes < SHORT_BYTES || room.freeFiles === 0);
  }

  report(
    health: Pick<HealthRegistry, 'register'>,
    registry: Registry,
    progress: Pick<ProgressWatch, 'watchProgress'>,
  ): void {
    health.register('disk', () => this.health());
    progress.watchProgress({ ...WATCHED, marks: () => this.looks.marks() });
    const bytes: Gauge = new Gauge({
      name: 'verbatim_disk_free_bytes',
      help: 'Free room on the disks of the embedded stores, checked twice a second when it may run out.',
      labelNames: ['of'],
      registers: [registry],
      collect: METRICS.guard(() => {
        for (const [name, { room }] of this.seen) if (room) bytes.set({ of: name }, room.freeBytes);
      }),
    });
    const reserve: Gauge = new Gauge({
      name: 'verbatim_disk_reserve_bytes',
      help: 'Free room below which a warning is given (VERBATIM_DISK_RESERVE).',
      registers: [registry],
      collect: METRICS.guard(() => reserve.set(this.reserveBytes)),
    });
  }

  private health(): Health {
    const troubled = [...this.seen].filter(([, { state }]) => state !== 'enough');
    if (troubled.length === 0) return { ready: true };
    const words = troubled.map(
      ([name, { state, room }]) => `${name}: ${wordsOf(state)} (${describeRoom(room!)})`,
    );
    return { ready: troubled.every(([, { state }]) => state !== 'none'), detail: words.join('; ') };
  }

  private isFarFromFull(): boolean {
    return [...this.seen.values()].every(({ room }) => {
      const { freeBytes = 0, freeFiles = Number.POSITIVE_INFINITY } = room ?? {};
      return freeBytes > this.reserveBytes + FAR_BYTES && freeFiles > FAR_FILES;
    });
  }

  private measureRoom(): Promise<void> {
    this.measuring ??= this.measureAll().finally(() => (this.measuring = undefined));
    return this.measuring;
  }

  private async measureAll(): Promise<void> {
    await Promise.all(this.places.map((place) => this.lookAt(place)));
  }

  /** Checks one disk. A disk that can't be queried keeps its last state. */
  private async lookAt({ name, folder }: DiskPlace): Promise<void> {
    const room = await this.roomOf(folder).catch(() => undefined);
    if (!room) return;
    const before = this.seen.get(name)!.state;
    const state = roomState(room, this.reserveBytes, before);
    this.seen.set(name, { room, state });
    if (state === before) return;
    const entry = { component: 'disk', of: name, ...room };
    if (state === 'enough') this.logger.info(entry, 'There is room on the disk again');
    else if (state === 'low') this.logger.warn(entry, `The disk is nearly full: ${describeRoom(room)}`);
    else this.logger.error(entry, `The disk is full: ${describeRoom(room)}`);
  }
}

const wordsOf = (state: RoomState): string =>
  state === 'none' ? 'the disk is full' : 'the disk is nearly full';

const roomIn = async (folder: string): Promise<Room> => {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return { freeBytes: bavail * bsize, freeFiles: files > 0 ? ffree : undefined };
};

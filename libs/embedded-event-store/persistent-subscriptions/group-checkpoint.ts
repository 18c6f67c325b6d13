import { recordData } from '../record/record.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogWriter } from '../storage/log-writer.js';
import { viewStream } from '../streams/stream-view.js';
import { metastreamOf } from '../storage/stream-state.js';
import { CHECKPOINT_METADATA, checkpointEvent, checkpointStreamOf, metadataEvent } from './group-streams.js';
import type { GroupTarget } from './rules/group-settings.js';

/** Formats a position as the real server does: a revision, or both positions of `$all`, which are equal here. */
export const positionText = (target: Pick<GroupTarget, 'stream'>, position: number): string =>
  target.stream === undefined ? `C:${position}/P:${position}` : String(position);

export const parsePosition = (text: string): number | undefined => {
  const match = /^(?:C:)?(?<position>-?\d+)(?:\/P:-?\d+)?$/u.exec(text);
  return match?.groups && Number(match.groups['position']);
};

/** Stores a group's progress as the newest event of a stream of its own. */
export class GroupCheckpoint {
  private readonly stream: string;
  private wanted: number | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly writer: LogWriter,
    private readonly target: GroupTarget,
    key: string,
  ) {
    this.stream = checkpointStreamOf(key);
  }

  /** Returns the position up to which everything is done; undefined if there is no checkpoint yet. */
  read(): number | undefined {
    const view = viewStream(this.log, this.stream, Date.now());
    const newest = view.kind === 'readable' ? this.log.entryAt(view.id, view.last) : undefined;
    if (!newest) return undefined;
    const text: unknown = JSON.parse(recordData(newest.record).toString());
    return typeof text === 'string' ? parsePosition(text) : undefined;
  }

  /**
   * Writes a checkpoint. Only one write runs at a time, and of the positions given meanwhile only the newest is
   * written. A failed write is repeated with the next position.
   */
  write(position: number): void {
    this.wanted = position;
    this.writing ??= this.writeWanted();
  }

  /** Resolves when no write is running any more. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async writeWanted(): Promise<void> {
    try {
      while (this.wanted !== undefined) {
        const position = this.wanted;
        this.wanted = undefined;
        await this.append(position);
      }
    } catch {
      // The store is closing or can't write. Events after the last checkpoint are sent again after a start.
    } finally {
      this.writing = undefined;
    }
  }

  private async append(position: number): Promise<void> {
    const expected = 'any';
    if (!this.log.streamState(this.stream)?.hasMetadata) {
      const events = [metadataEvent(CHECKPOINT_METADATA)];
      await this.writer.submit({ kind: 'append', stream: metastreamOf(this.stream), expected, events });
    }
    const events = [checkpointEvent(positionText(this.target, position))];
    await this.writer.submit({ kind: 'append', stream: this.stream, expected, events });
  }
}

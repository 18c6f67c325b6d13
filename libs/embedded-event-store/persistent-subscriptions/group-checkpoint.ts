import { recordData } from '../storage/record.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogWriter } from '../storage/log-writer.js';
import { viewStream } from '../streams/stream-view.js';
import { metastreamOf } from '../storage/stream-state.js';
import { CHECKPOINT_METADATA, checkpointEvent, checkpointStreamOf, metadataEvent } from './group-streams.js';
import type { GroupTarget } from './rules/group-settings.js';

/** A position as the real server writes it: a revision, or both positions of `$all`, which are the same here. */
export const positionText = (target: Pick<GroupTarget, 'stream'>, position: number): string =>
  target.stream === undefined ? `C:${position}/P:${position}` : String(position);

export const parsePosition = (text: string): number | undefined => {
  const match = /^(?:C:)?(?<position>-?\d+)(?:\/P:-?\d+)?$/u.exec(text);
  return match?.groups && Number(match.groups['position']);
};

/** Where a group's progress is kept: the newest event of a stream of its own. */
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

  /** The position up to which all is done; undefined if there is none yet. */
  read(): number | undefined {
    const view = viewStream(this.log, this.stream, Date.now());
    const newest = view.kind === 'readable' ? this.log.entryAt(view.id, view.last) : undefined;
    if (!newest) return undefined;
    const text: unknown = JSON.parse(recordData(newest.record).toString());
    return typeof text === 'string' ? parsePosition(text) : undefined;
  }

  /** One write at a time; of those asked for meanwhile only the newest matters. One that fails is repeated with the next. */
  write(position: number): void {
    this.wanted = position;
    this.writing ??= this.writeWanted();
  }

  /** Resolves when nothing is being written any more. */
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
      // The store is closing or can't write: what was done since the last checkpoint is sent again after a start.
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

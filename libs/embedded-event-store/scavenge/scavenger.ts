import { randomUUID } from 'node:crypto';
import { uuidBytes } from '../rules/uuid.js';
import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { LogWriter } from '../storage/log-writer.js';
import type { ProposedEvent } from '../record/record.js';
import { scavengeCut } from './scavenge-cut.js';

/** Stream of all runs, with a link to the stream of each. */
const RUNS_STREAM = '$scavenges';
const REMEMBERED_STREAMS = 100_000;
const NOTHING = Buffer.alloc(0);

interface Run {
  readonly id: string;
  readonly stopped: AbortController;
  readonly done: Promise<void>;
}

/**
 * Removes from disk the events that retention and deletion have taken out of streams, one segment of the log after the
 * other. Revisions and positions stay the same, and reads and appends go on meanwhile. A run that ends early, even by
 * SIGKILL, has finished some segments and not touched the others; the next run does the rest. The result of a run is
 * written to `$scavenges-<id>`, as on the real server (TFChunkScavengerLog.cs).
 */
export class Scavenger {
  private run: Run | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly writer: LogWriter,
  ) {}

  /** Starts a run, or returns the id of the run in progress. */
  start(): { readonly id: string; readonly result: 'started' | 'in progress' } {
    if (this.run) return { id: this.run.id, result: 'in progress' };
    const id = randomUUID();
    const stopped = new AbortController();
    const done = this.scavenge(id, stopped.signal).finally(() => (this.run = undefined));
    this.run = { id, stopped, done };
    return { id, result: 'started' };
  }

  /** Ends a run after its current segment. Returns false if that run is not in progress. */
  async stopScavenge(id: string): Promise<boolean> {
    if (this.run?.id !== id) return false;
    this.run.stopped.abort();
    await this.run.done;
    return true;
  }

  async close(): Promise<void> {
    if (this.run) await this.stopScavenge(this.run.id);
  }

  private async scavenge(id: string, signal: AbortSignal): Promise<void> {
    const began = Date.now();
    const stream = `${RUNS_STREAM}-${id}`;
    let spaceSaved = 0;
    let error: string | undefined;
    try {
      this.log.endSegment();
      await this.append(stream, jsonEvent('$scavengeStarted', { scavengeId: id }));
      await this.append(RUNS_STREAM, {
        ...jsonEvent('$>', {}),
        isJson: false,
        data: Buffer.from(`0@${stream}`),
      });
      const keeps = this.keeper(began);
      for (const segment of await this.log.completeSegments()) {
        if (signal.aborted) break;
        spaceSaved += await this.log.scavenge(segment, keeps);
      }
    } catch (failure) {
      error = (failure as Error).message;
    }
    const result = error === undefined ? (signal.aborted ? 'Stopped' : 'Success') : 'Errored';
    const told = { scavengeId: id, result, error, timeTaken: Date.now() - began, spaceSaved };
    // A store that is closing, or can't write, can't record the result.
    await this.append(stream, jsonEvent('$scavengeCompleted', told)).catch(() => undefined);
  }

  /** Returns which entries stay, by the retention of this moment. */
  private keeper(now: number): (entry: LogEntry) => boolean {
    const cuts = new Map<string, number>();
    return ({ stream, revision }) => {
      let cut = cuts.get(stream);
      if (cut === undefined) {
        if (cuts.size >= REMEMBERED_STREAMS) cuts.clear();
        cuts.set(stream, (cut = scavengeCut(this.log, stream, now)));
      }
      return revision >= cut;
    };
  }

  private async append(stream: string, event: ProposedEvent): Promise<void> {
    await this.writer.submit({ kind: 'append', stream, expected: 'any', events: [event] });
  }
}

const jsonEvent = (type: string, data: object): ProposedEvent => ({
  id: uuidBytes(Buffer.from(randomUUID())),
  type,
  isJson: true,
  data: Buffer.from(JSON.stringify(data)),
  metadata: NOTHING,
});

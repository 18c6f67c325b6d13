import { append, remove, type Batch, type Expected } from './changes.js';
import { follow, type Read } from './reads.js';
import type { Scenario } from './scenario.js';
import type { Streams } from './server.js';

/** What scenarios do with the server under test. Each answer becomes a line of the scenario. */
export class Recorder {
  constructor(
    private readonly streams: Streams,
    readonly s: Scenario,
  ) {}

  stream(name: string): string {
    return this.s.stream(name);
  }

  prefix(name: string): string {
    return this.s.prefix(name);
  }

  /** Returns the position of the event with this label. */
  at(label: string): bigint {
    return this.s.at(label);
  }

  say(answer: object, of?: string): void {
    this.s.say(`${of === undefined ? '' : `${of}: `}${JSON.stringify(answer)}`);
  }

  append(stream: string, batch: Batch): Promise<object> {
    return append(this.streams, this.s, stream, batch);
  }

  /** Appends one event after the other. */
  async each(stream: string, labels: readonly string[]): Promise<void> {
    for (const label of labels) await this.append(stream, { labels: [label] });
  }

  async meta(stream: string, value: object): Promise<void> {
    await this.append(`$$${stream}`, { labels: ['meta'], data: JSON.stringify(value) });
  }

  remove(stream: string, how: 'delete' | 'tombstone', expected?: Exclude<Expected, 'any'>): Promise<object> {
    return remove(this.streams, this.s, stream, how, expected);
  }

  read(read: Read, acts?: readonly (() => Promise<unknown>)[]): Promise<void> {
    return follow(this.streams, this.s, read, acts);
  }
}

export type Scenarios = Readonly<Record<string, (r: Recorder) => Promise<void>>>;

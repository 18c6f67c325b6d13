import { randomUUID } from 'node:crypto';

/** Numbers from here on are not positions. */
const NO_POSITION = 1n << 63n;

/**
 * One run of a scenario: its own stream names, the events it made, and what it saw, with a line for each answer.
 * Positions, ids and names are replaced by what they mean, so that runs can be compared. A position becomes the label
 * of the event that lies there (`A2`), `after A2` between events of the scenario, `before all`, or `2^64-1`. Revisions
 * stay numbers.
 */
export class Scenario {
  readonly #said: (string | { checkpoint: bigint })[] = [];
  readonly #tag = randomUUID().slice(0, 8);
  readonly #known: { at: bigint; label: string }[] = [];

  /** `expected` are the lines of a recording. They say what to wait for. */
  constructor(readonly expected: readonly string[] | undefined) {}

  stream(name: string): string {
    return `${name}${this.#tag}-1`;
  }

  prefix(name: string): string {
    return `${name}${this.#tag}-`;
  }

  label(name: string): string {
    return `${name}${this.#tag}`;
  }

  /** Whether a stream, or the stream of its metadata, belongs to the scenario. */
  owns(stream: string): boolean {
    return stream.includes(this.#tag) && (!stream.startsWith('$') || stream.startsWith('$$'));
  }

  learn(at: bigint, label: string): void {
    if (at < NO_POSITION && !this.#known.some((known) => known.at === at)) this.#known.push({ at, label });
  }

  /** Returns the position of the event with this label. @throws Error when there is none */
  at(label: string): bigint {
    const found = this.#known.find((known) => known.label === label);
    if (!found) throw new Error(`No event ${label} was appended`);
    return found.at;
  }

  /** The positions of the first and the last event that the scenario made. Undefined when it made none. */
  get span(): { first: bigint; last: bigint } | undefined {
    const places = this.#known.map(({ at }) => at).toSorted((a, b) => Number(a - b));
    return places.length === 0 ? undefined : { first: places[0]!, last: places.at(-1)! };
  }

  nameOf(position: bigint): string {
    if (position >= NO_POSITION) return '2^64-1';
    let before: { at: bigint; label: string } | undefined;
    for (const known of this.#known)
      if (known.at <= position && (!before || known.at > before.at)) before = known;
    if (!before) return 'before all';
    return before.at === position ? before.label : `after ${before.label}`;
  }

  say(line: string): void {
    this.#said.push(this.#clean(line));
  }

  /** Records a checkpoint, which is named later: it may come before the answer to the append at its position. */
  sayCheckpoint(at: bigint): void {
    this.#said.push({ checkpoint: at });
  }

  get lines(): string[] {
    const lines = this.#said.map((said) =>
      typeof said === 'string' ? said : `checkpoint ${this.nameOf(said.checkpoint)}`,
    );
    // How much lies before the events of a scenario differs from run to run.
    return lines.filter((line, i) => line !== 'checkpoint before all' || lines[i - 1] !== line);
  }

  #clean(text: string): string {
    return text.replaceAll(this.#tag, '').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gu, 'ID');
  }

  /** Whether everything has come that the recording has before the scenario's next act. */
  get isComplete(): boolean {
    if (!this.expected) return true;
    const next = this.expected.at(this.lines.length);
    return next === undefined || next === '-- then' || next === 'end';
  }
}

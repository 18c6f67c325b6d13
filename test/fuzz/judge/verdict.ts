/** The largest size of a refusal, in bytes: the body of an answer, or a frame. */
const REFUSAL_BYTES = 1_024;
/** How many violations of each kind are reported in full. */
const TOLD = 5;

/** Collects what was done and what was wrong with it. */
export class Verdict {
  readonly counts: Record<string, number> = {};
  private readonly found = new Map<string, string[]>();
  private violations = 0;
  /** The largest refusal, in bytes. */
  largestRefusal = 0;

  get isGood(): boolean {
    return this.violations === 0;
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  /** Records a violation. `where` says how to reproduce it. */
  violation(kind: string, where: string, detail: string): void {
    this.violations += 1;
    const told = this.found.get(kind) ?? [];
    this.found.set(kind, told);
    told.push(`${where}: ${detail.slice(0, 600)}`);
  }

  /** Checks an answer that refuses something. */
  refusal(where: string, bytes: number, text: string): void {
    this.count('refusals');
    this.largestRefusal = Math.max(this.largestRefusal, bytes);
    if (bytes > REFUSAL_BYTES)
      this.violation('a refusal of more than 1 KB', where, `${bytes} bytes: ${text}`);
    if (text.includes('"internal_error"')) this.violation('an internal error', where, text);
  }

  /** Returns all violations, one paragraph for each kind. */
  describe(): string {
    return [...this.found]
      .map(([kind, told]) =>
        [`${kind}: ${told.length}`, ...told.slice(0, TOLD).map((one) => `  ${one}`)].join('\n'),
      )
      .join('\n');
  }
}

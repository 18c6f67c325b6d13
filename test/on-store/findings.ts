/** What was tried, in a sentence, and why it failed if it did. */
export type Finding = Readonly<{ what: string; seconds: number; trouble?: string }>;

/** Collects findings and prints each as it comes. */
export class Findings {
  private readonly found: Finding[] = [];

  constructor(private readonly tell: (line: string) => void) {}

  get all(): readonly Finding[] {
    return this.found;
  }

  get allHeld(): boolean {
    return this.found.length > 0 && this.found.every(({ trouble }) => trouble === undefined);
  }

  /** Tries one thing. Returns false when it failed. The caller leaves out what makes no sense after that. */
  async tried(what: string, work: () => Promise<unknown>): Promise<boolean> {
    const began = performance.now();
    const trouble = await work().then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    const seconds = (performance.now() - began) / 1_000;
    const finding = { what, seconds, ...(trouble !== undefined && { trouble }) };
    this.found.push(finding);
    this.tell(lineOf(finding));
    return trouble === undefined;
  }
}

/** Returns the list at the end: what held, what did not, and how many of each. */
export const summaryOf = (findings: readonly Finding[]): string => {
  const held = findings.filter(({ trouble }) => trouble === undefined).length;
  const verdict = held === findings.length ? 'Everything held' : `${findings.length - held} did not hold`;
  return [...findings.map(lineOf), `${verdict}: ${held} of ${findings.length}.`].join('\n');
};

const lineOf = ({ what, seconds, trouble }: Finding): string =>
  trouble === undefined
    ? `  held      ${what} (${seconds.toFixed(1)} s)`
    : `  NOT HELD  ${what}: ${trouble.replaceAll('\n', '\n            ')}`;

import { inLogOrder, type Finding, type FindingKind } from './finding.js';
import { MAX_FINDINGS } from './verification.js';

/** Keeps the first findings of each kind, and counts the others. */
export class FindingList {
  readonly #kept = new Map<FindingKind, Finding[]>();
  /** How many there were. */
  found = 0;

  addFinding(finding: Finding): void {
    this.found += 1;
    const kept = this.#kept.get(finding.kind) ?? [];
    if (kept.length < MAX_FINDINGS) kept.push(finding);
    this.#kept.set(finding.kind, kept);
  }

  /** Returns those that are kept, in the order of the log. */
  inOrder(): Finding[] {
    return inLogOrder([...this.#kept.values()].flat());
  }
}

import { LRUCache } from 'lru-cache';
import type { Freshness } from './freshness.js';

/** An answer as it was last given. */
export type Remembered = Readonly<{ answer: object; freshness: Freshness; at: number }>;

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_ANSWERS = 5_000;

/**
 * Keeps the last good answer of each query, for use while PostgreSQL is unreachable. It is limited in number
 * and in size; the least recently used answers are dropped first.
 */
export class AnswerCache {
  private readonly answers = new LRUCache<string, Remembered>({
    max: MAX_ANSWERS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ answer }, question) => 200 + question.length + JSON.stringify(answer).length,
  });

  remember(question: string, answer: object, freshness: Freshness): void {
    this.answers.set(question, { answer, freshness, at: Date.now() });
  }

  clear(): void {
    this.answers.clear();
  }

  recall(question: string): Remembered | undefined {
    return this.answers.get(question);
  }
}

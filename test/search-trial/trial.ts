import { indexedText } from '#libs/projections/messages/search/indexed-text.js';
import { searchCondition } from '#libs/projections/messages/search/search-condition.js';
import { copyLine } from '#libs/projections/postgres/copy-text.js';
import { storableText } from '#libs/projections/postgres/exact-text.js';
import type { ScratchDatabase } from '../support/read-models.js';
import { MessageRow } from '#libs/projections/entities/message.entity.js';
import type { Corpora } from './corpora.js';
import { judged, verdictOf } from './judge.js';
import type { Judged } from './judge.js';
import { questionOf } from './questions.js';
import type { Question } from './questions.js';
import { randomOf } from './random.js';

export type TrialOptions = Readonly<{ messages: number; questions: number; seed: number }>;

/** `missed` and `wrong` count pairs of a query and a message. */
type Counts = { questions: number; found: number; missed: number; wrong: number };
export type TrialResult = Readonly<{
  byCorpus: Readonly<Record<string, Counts>>;
  /** The first queries that failed, each with a text. */
  examples: readonly string[];
}>;

type Message = Readonly<{ corpus: string; text: string; judged: Judged }>;

const EXAMPLES = 40;

/**
 * Puts lines of the corpora into the read model as a rebuild does, and runs queries as people would for some of them.
 */
export const searchTrial = async (
  scratch: ScratchDatabase,
  corpora: Corpora,
  { messages: size, questions, seed }: TrialOptions,
): Promise<TrialResult> => {
  const random = randomOf(seed);
  const messages = sample(corpora, size, random);
  await fill(scratch, messages);
  const byCorpus: Record<string, Counts> = {};
  const examples: string[] = [];
  for (let asked = 0; asked < questions;) {
    const names = Object.keys(corpora);
    const corpus = names[asked % names.length]!;
    const own = messages.filter((message) => message.corpus === corpus);
    const question = questionOf(own[Math.floor(random() * own.length)]!.text, random);
    if (!question) continue;
    asked += 1;
    const counts = (byCorpus[corpus] ??= { questions: 0, found: 0, missed: 0, wrong: 0 });
    const trouble = count(counts, question, messages, await ask(scratch, question));
    if (trouble !== undefined && examples.length < EXAMPLES) examples.push(trouble);
  }
  return { byCorpus, examples };
};

const sample = (corpora: Corpora, size: number, random: () => number): Message[] => {
  const each = Math.ceil(size / Object.keys(corpora).length);
  return Object.entries(corpora).flatMap(([corpus, lines]) => {
    const picked =
      lines.length <= each
        ? lines
        : Array.from({ length: each }, () => lines[Math.floor(random() * lines.length)]!);
    return [...new Set(picked)].map((line) => {
      const text = storableText(line);
      return { corpus, text, judged: judged(text) };
    });
  });
};

const COLUMNS = ['channel', 'seq', 'id', 'bot', 'kind', 'body', 'at', 'position', 'words', 'search'];

const fill = async ({ stores }: ScratchDatabase, messages: readonly Message[]): Promise<void> => {
  const lines = messages.map(({ text }, seq) => {
    const { words, search } = indexedText(text);
    return copyLine([
      'trial',
      seq,
      `${seq}`,
      'bot',
      'posted',
      text,
      '2026-01-01T00:00:00Z',
      seq,
      words,
      search,
    ]);
  });
  await stores.maintenance.transaction((tx) => tx.copy('messages_g1', COLUMNS, Buffer.from(lines.join(''))));
  await stores.maintenance.rows('VACUUM ANALYZE messages_g1');
};

const ask = async ({ database }: ScratchDatabase, { typed }: Question): Promise<Set<number>> => {
  const { sql, parameters } = searchCondition('message', typed);
  const source = await database.source();
  const rows = await source
    .getRepository(MessageRow)
    .createQueryBuilder('message')
    .select('message.seq', 'seq')
    .where(`message.kind = 'posted' AND ${sql}`, parameters)
    .getRawMany<{ seq: string }>();
  return new Set(rows.map(({ seq }) => Number(seq)));
};

/** @returns what went wrong, if anything did */
const count = (
  counts: Counts,
  question: Question,
  messages: readonly Message[],
  found: ReadonlySet<number>,
): string | undefined => {
  const said = judged(question.said);
  let trouble: string | undefined;
  counts.questions += 1;
  for (const [seq, message] of messages.entries()) {
    const verdict = verdictOf(question, said, message.judged);
    const isFound = found.has(seq);
    if (verdict === 'must' && isFound) counts.found += 1;
    if (verdict === 'must' && !isFound) counts.missed += 1;
    if (verdict === 'must not' && isFound) counts.wrong += 1;
    if ((verdict === 'must') === isFound || (verdict === 'may' && isFound)) continue;
    if (verdict !== 'may') {
      trouble ??= `${isFound ? 'wrongly found' : 'missed'} by ${question.kind} ${question.typed}: ${message.text.slice(0, 200)}`;
    }
  }
  return trouble;
};

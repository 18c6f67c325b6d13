import type { Table } from '../../../report/hardening-report.js';
import type { Exchange, GroupSeen } from '../exchange.js';
import { answerOf } from './judge-exchange.js';
import { ROAD_NAMES } from './judge-group.js';

/** What was answered, by group, road and answer: how often, and an example of what was sent. */
export const answersTable = (groups: readonly GroupSeen[]): Table => ({
  title: 'What was answered',
  columns: ['edge', 'road', 'answer', 'times', 'for example to'],
  rows: groups.flatMap(({ group, road, exchanges }) =>
    [...byAnswer(exchanges)].map(([answer, alike]) => [
      group.what,
      ROAD_NAMES[road],
      answer,
      String(alike.length),
      alike[0]!.ask.sent,
    ]),
  ),
});

const byAnswer = (exchanges: readonly Exchange[]): Map<string, readonly Exchange[]> => {
  const found = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const answer = answerOf(exchange.seen);
    found.set(answer, [...(found.get(answer) ?? []), exchange]);
  }
  return found;
};

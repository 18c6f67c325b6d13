import type { Table } from '../../../report/hardening-report.js';
import type { Exchange, GroupSeen } from '../exchange.js';
import { answerOf } from './judge-exchange.js';
import { ROAD_NAMES } from './judge-group.js';

/** The table of answers by group, transport and answer: how often each came, with an example of what was sent. */
export const answersTable = (groups: readonly GroupSeen[]): Table => ({
  title: 'What was answered',
  columns: ['edge', 'transport', 'answer', 'times', 'example'],
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

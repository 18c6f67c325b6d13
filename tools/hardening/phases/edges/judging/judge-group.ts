import { holds } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import type { GroupSeen } from '../exchange.js';
import { wrongWith } from './judge-exchange.js';

/** How many wrong answers are spelled out; the row always counts them all. */
const TOLD = 3;

export const ROAD_NAMES = { http: 'HTTP', socket: 'Socket.IO' } as const;

/** Returns one row, met if every answer is as expected and the connection, if there is one, still works. */
export const judgeGroup = ({ group, road, exchanges, connection }: GroupSeen): Row => {
  const wrong = exchanges.flatMap((exchange) => {
    const problem = wrongWith(exchange);
    return problem === undefined ? [] : [`${exchange.ask.sent}: ${problem}`];
  });
  const broken = [
    ...(connection && !connection.isSame ? ['the connection was closed'] : []),
    ...(connection && !connection.answers ? ['the connection no longer answers'] : []),
  ];
  const count = exchanges.length;
  const problems = [...broken, ...wrong];
  return holds(count > 0 && problems.length === 0, {
    id: `edges.${group.id}.${road}`,
    what: `${group.what}, ${ROAD_NAMES[road]}`,
    target: group.target,
    measured: [`${count - wrong.length} of ${count} as expected`, ...broken].join(', '),
    ...(problems.length === 0 ? {} : { why: whyOf(problems) }),
  });
};

const whyOf = (problems: readonly string[]): string =>
  problems.length <= TOLD
    ? problems.join('; ')
    : `${problems.slice(0, TOLD).join('; ')}; and ${problems.length - TOLD} more`;

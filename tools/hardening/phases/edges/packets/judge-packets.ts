import { LEAKS } from '#tools/harness/http/leaks.js';
import { holds } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import type { Bystander, PacketSeen } from './packet.js';

const TOLD = 3;

/** Returns one row for the packets, and one for a bot that had nothing to do with them. */
export const judgePackets = (seen: readonly PacketSeen[], bystander: Bystander): readonly Row[] => {
  const wrong = seen.flatMap((one) => {
    const problem = wrongWithPacket(one);
    return problem === undefined ? [] : [`${one.packet.sent}: ${problem}`];
  });
  return [
    holds(seen.length > 0 && wrong.length === 0, {
      id: 'edges.malformed.socket',
      what: 'Malformed packets, Socket.IO',
      target: 'unreadable ones end their connection; others are refused or ignored, and it stays open',
      measured: `${seen.length - wrong.length} of ${seen.length} as expected`,
      ...(wrong.length === 0 ? {} : { why: wrong.slice(0, TOLD).join('; ') }),
    }),
    holds(bystander.isSame && bystander.answers && bystander.received, {
      id: 'edges.malformed.bystander',
      what: 'Another bot, connected at the same time',
      target: 'same connection, answers and delivery go on',
      measured: [
        bystander.isSame ? 'same connection' : 'connection closed',
        bystander.answers ? 'answers' : 'no answer',
        bystander.received ? 'gets messages' : 'gets no messages',
      ].join(', '),
    }),
  ];
};

/** Says in a few words what is wrong. @returns undefined if all is as expected */
export const wrongWithPacket = ({ packet, received, goesOn, closed }: PacketSeen): string | undefined => {
  const text = received.join('\n');
  const leak = LEAKS.exec(text)?.[0];
  if (leak !== undefined) return `shows internals: ${leak.slice(0, 40)}`;
  if (/"status":5\d\d/.test(text)) return 'a server error';
  const { expected } = packet;
  if (expected === 'closes') return closed && !goesOn ? undefined : 'did not end its connection';
  if (!goesOn || closed) return 'ended its connection';
  if (expected === 'ignored') return undefined;
  const isRefused =
    text.includes(`"code":"${expected.code}"`) && text.includes(`"status":${expected.status}`);
  return isRefused ? undefined : `not refused with ${expected.status} ${expected.code}`;
};

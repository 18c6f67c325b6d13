import { describe, expect, it } from 'vitest';
import { judgePackets, wrongWithPacket } from './judge-packets.js';
import type { Packet, PacketSeen } from './packet.js';
import { packets } from './packets.js';

const WELL = { isSame: true, answers: true, received: true };

const asExpected = (packet: Packet): PacketSeen => {
  const { expected } = packet;
  if (expected === 'closes') return { packet, received: [], goesOn: false, closed: true };
  const error = expected === 'ignored' ? [] : [`3/bots,1[{"ok":false,"error":${JSON.stringify(expected)}}]`];
  return { packet, received: error, goesOn: true, closed: false };
};
const SEEN = packets('edges-1').map(asExpected);

const verdicts = (seen: readonly PacketSeen[], bystander = WELL): unknown[] =>
  judgePackets(seen, bystander).map(({ verdict }) => verdict);

describe('malformed packets', () => {
  it('are met when each is closed, ignored or refused as expected', () => {
    expect(verdicts(SEEN)).toEqual(['met', 'met']);
  });

  it.each(SEEN.map((seen, index) => ({ sent: seen.packet.sent, seen, index })))(
    'are missed when this one is treated differently: $sent',
    ({ seen, index }) => {
      const wrongs: readonly Partial<PacketSeen>[] = [
        { goesOn: !seen.goesOn, closed: !seen.closed },
        { received: ['3/bots,1[{"ok":false,"error":{"code":"internal_error","status":500}}]'] },
        { received: ['4/bots,{"message":"TypeError: x.slice is not a function"}'] },
        ...(typeof seen.packet.expected === 'object' ? [{ received: [] }] : []),
      ];
      for (const wrong of wrongs)
        expect(verdicts(SEEN.with(index, { ...seen, ...wrong })), JSON.stringify(wrong)).toEqual([
          'missed',
          'met',
        ]);
    },
  );

  it('say what was wrong', () => {
    const seen = SEEN.find(({ packet }) => packet.expected === 'closes')!;
    expect(wrongWithPacket({ ...seen, goesOn: true, closed: false })).toBe('did not end its connection');
    expect(judgePackets([], WELL)[0]!.verdict).toBe('missed');
  });

  it.each(['isSame', 'answers', 'received'] as const)('are missed when a bystander is harmed: %s', (harm) => {
    expect(verdicts(SEEN, { ...WELL, [harm]: false })).toEqual(['met', 'missed']);
  });
});

import type { Verdict } from '../judge/verdict.js';

/** Judges a packet that came over Socket.IO. */
export const judgePacket = (packet: string, where: string, verdict: Verdict): void => {
  const isRefusal = packet.startsWith('44') || (packet.startsWith('43') && packet.includes('{"ok":false'));
  if (isRefusal) verdict.refusal(where, Buffer.byteLength(packet), packet);
  else if (packet.startsWith('43')) verdict.count('accepted');
};

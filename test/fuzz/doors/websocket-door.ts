import { WebSocket } from 'ws';
import { HOME } from '../inputs/odd-packets.js';
import type { SocketScript } from '../inputs/script.js';
import type { Verdict } from '../judge/verdict.js';
import { judgePacket } from './answers.js';
import { sendInSegments } from './foresight.js';

/** By then something is answered or closed, however slow the machine is. */
export const PATIENCE_MS = 30_000;
/** Sent last: its answer shows that everything before it was taken. */
export const LAST = '40/last,';
export const ANSWER_TO_LAST = '44/last,';

/** Sends a script's frames over WebSockets, with a new one after each frame that ends one. */
export const overWebSocket = async (
  url: string,
  script: SocketScript,
  where: string,
  verdict: Verdict,
): Promise<void> => {
  await sendInSegments(script, verdict, (frames) => sendSegment(url, script, frames, where, verdict));
};

/** @returns whether all frames were taken before the connection ended */
const sendSegment = (
  url: string,
  { who, key }: SocketScript,
  frames: SocketScript['inputs'],
  where: string,
  verdict: Verdict,
): Promise<boolean> =>
  new Promise((resolve) => {
    const target = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(target, { perMessageDeflate: false });
    let isSent = false;
    let isAnswered = false;
    let isOver = false;
    const timer = setTimeout(() => {
      verdict.violation(
        'no answer and no end',
        where,
        `over a WebSocket, ${isSent ? 'after' : 'before'} all was sent`,
      );
      over();
    }, PATIENCE_MS);
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      verdict.count('connections');
      socket.terminate();
      resolve(isAnswered);
    };
    const send = (): void => {
      for (const frame of frames) socket.send(frame);
      socket.send(LAST);
      isSent = true;
    };
    const home = HOME[who];
    const take = (packet: string): void => {
      if (packet === '2') socket.send('3');
      else if (packet.startsWith('0') && key === undefined) send();
      else if (packet.startsWith('0')) socket.send(`40${home},${JSON.stringify({ key, resume: 'now' })}`);
      else if (!isSent && packet.startsWith(`40${home},`)) send();
      else if (packet.startsWith(ANSWER_TO_LAST)) {
        isAnswered = true;
        over();
      } else {
        judgePacket(packet, where, verdict);
        if (!isSent && packet.startsWith('44')) verdict.violation('a valid key was refused', where, packet);
      }
    };
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) take(data.toString());
    });
    socket.on('close', over);
    socket.on('error', over);
  });

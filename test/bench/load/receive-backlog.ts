import { io } from 'socket.io-client';
import type { Reader } from '../filled-home.js';

type Batch = Readonly<{ messages: readonly { seq: number }[] }>;

/**
 * Connects as a bot that lacks only the last `backlog` messages. Resolves with how long they took to arrive, in ms from
 * the attempt to connect.
 * @throws Error when other messages come
 */
export const receiveBacklog = async (url: string, reader: Reader, backlog: number): Promise<number> => {
  const cursor = reader.messages - 1 - backlog;
  let due = cursor + 1;
  const began = performance.now();
  const socket = io(`${url}/bots`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { key: reader.key, resume: { [reader.channel]: cursor } },
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('connect_error', reject);
      socket.on('disconnect', (reason) => reject(new Error(`Disconnected: ${reason}`)));
      socket.on('backlog', ({ messages }: Batch, acknowledge: () => void) => {
        for (const { seq } of messages) {
          if (seq !== due) reject(new Error(`Seq ${seq} came where ${due} was due`));
          due += 1;
        }
        acknowledge();
        if (due === reader.messages) resolve();
      });
    });
    return performance.now() - began;
  } finally {
    socket.disconnect();
  }
};

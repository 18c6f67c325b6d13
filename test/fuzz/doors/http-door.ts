import { connect } from 'node:net';
import type { HttpInput } from '../inputs/odd-http.js';
import type { HttpScript } from '../inputs/script.js';
import type { Verdict } from '../judge/verdict.js';
import { ResponseReader } from './response-reader.js';
import type { Response } from './response-reader.js';
import { PATIENCE_MS } from './websocket-door.js';

/** How many requests follow each other without waiting for answers. */
const PIPELINED = 8;
/** An answer longer than this is not read to its end. It cannot be a refusal. */
const ENOUGH_BYTES = 256 * 1024;

/** Sends a script's requests. Where possible, several follow each other on one connection. */
export const overHttp = async (
  url: string,
  { inputs }: HttpScript,
  where: string,
  verdict: Verdict,
): Promise<void> => {
  for (let at = 0; at < inputs.length;) {
    const group = groupFrom(inputs, at);
    const answered = await sendGroup(url, group, where, verdict);
    // The input that ended the connection was taken, but those after it were not.
    at += Math.min(group.length, answered + 1);
  }
};

/** Returns the next inputs that can share a connection. An input without an end goes alone. */
const groupFrom = (inputs: readonly HttpInput[], from: number): HttpInput[] => {
  if (!inputs[from]!.whole) return [inputs[from]!];
  const next = inputs.slice(from, from + PIPELINED);
  const broken = next.findIndex(({ whole }) => !whole);
  return broken === -1 ? next : next.slice(0, broken);
};

/** @returns how many requests were answered */
const sendGroup = (
  url: string,
  group: readonly HttpInput[],
  where: string,
  verdict: Verdict,
): Promise<number> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    let answered = 0;
    let isOver = false;
    let bytes = 0;
    const reader = new ResponseReader(group.map(({ method }) => method));
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true }, () => {
      socket.write(Buffer.concat(group.map((input) => input.bytes)));
      // A server that waits for the rest of an unfinished request learns that there is none.
      if (!group[0]!.whole) socket.end();
    });
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      verdict.count('connections');
      socket.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => {
      const waiting = group[answered]!.bytes.toString('latin1').slice(0, 300);
      verdict.violation('no answer and no end', where, `over HTTP: ${waiting}`);
      over();
    }, PATIENCE_MS);
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length;
      for (const response of reader.add(piece)) {
        judgeResponse(response, group[answered] ?? group[0]!, where, verdict);
        answered += 1;
      }
      if (answered >= group.length || bytes > ENOUGH_BYTES) over();
    });
    socket.on('end', over);
    socket.on('close', over);
    socket.on('error', over);
  });

const judgeResponse = (
  { status, head, body }: Response,
  { bytes }: HttpInput,
  where: string,
  verdict: Verdict,
): void => {
  if (status < 400) {
    verdict.count('accepted');
    return;
  }
  const asked = bytes.toString('latin1').slice(0, 300);
  verdict.refusal(where, body.length, `${status} ${body.toString().slice(0, 200)} to ${asked}`);
  if (head > 1_024) verdict.violation('a head of more than 1 KB', where, `${head} bytes to ${asked}`);
  if (status === 500) verdict.violation('an internal error', where, `${body.toString()} to ${asked}`);
};

import { Agent, request } from 'node:http';
import { HOME } from '../inputs/odd-packets.js';
import type { Frame } from '../inputs/odd-packets.js';
import type { SocketScript } from '../inputs/script.js';
import type { Verdict } from '../judge/verdict.js';
import { judgePacket } from './answers.js';
import { sendInSegments } from './foresight.js';
import { ANSWER_TO_LAST, LAST, PATIENCE_MS } from './websocket-door.js';

const SEPARATOR = '\u001E';
const POLLING = '/socket.io/?EIO=4&transport=polling';
/** How often to poll, at most, until the last frame is answered. */
const POLLS = 20;

type Answer = Readonly<{ status: number; text: string }>;

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

const ask = (url: string, method: string, path: string, body = ''): Promise<Answer> =>
  new Promise((resolve) => {
    const gone = (): void => resolve({ status: 0, text: '' });
    const asked = request(`${url}${path}`, { method, agent, timeout: PATIENCE_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', gone);
    });
    asked.on('error', gone);
    asked.on('timeout', () => {
      asked.destroy();
      resolve({ status: -1, text: '' });
    });
    asked.end(body);
  });

const asText = (frame: Frame): string => (typeof frame === 'string' ? frame : `b${frame.toString('base64')}`);

/** Sends a script's frames by long polling, many in each payload. */
export const overPolling = async (
  url: string,
  script: SocketScript,
  where: string,
  verdict: Verdict,
): Promise<void> => {
  await sendInSegments(script, verdict, (frames) => sendSegment(url, script, frames, where, verdict));
};

/** @returns whether all frames were taken before the connection ended */
const sendSegment = async (
  url: string,
  { who, key }: SocketScript,
  frames: readonly Frame[],
  where: string,
  verdict: Verdict,
): Promise<boolean> => {
  const greeting = await ask(url, 'GET', POLLING);
  if (!greeting.text.startsWith('0{')) return false;
  const { sid } = JSON.parse(greeting.text.slice(1)) as { sid: string };
  const path = `${POLLING}&sid=${sid}`;
  verdict.count('connections');
  const payload = [...frames.map(asText), LAST].join(SEPARATOR);
  const home = HOME[who];
  if (key !== undefined) {
    await ask(url, 'POST', path, `40${home},${JSON.stringify({ key, resume: 'now' })}`);
    if (!(await pollFor(url, path, `40${home},`, where, verdict))) return false;
  }
  const { status, text } = await ask(url, 'POST', path, payload);
  if (status >= 400) verdict.refusal(where, Buffer.byteLength(text), text);
  if (status !== 200) return false;
  const isAnswered = await pollFor(url, path, ANSWER_TO_LAST, where, verdict);
  if (isAnswered) await ask(url, 'POST', path, '1');
  return isAnswered;
};

/** @returns whether a packet that begins like this came before the end */
const pollFor = async (
  url: string,
  path: string,
  beginning: string,
  where: string,
  verdict: Verdict,
): Promise<boolean> => {
  for (let polls = 0; polls < POLLS; polls += 1) {
    const { status, text } = await ask(url, 'GET', path);
    if (status === -1) verdict.violation('no answer and no end', where, `while polling for ${beginning}`);
    if (status !== 200) return false;
    const packets = text.split(SEPARATOR);
    for (const packet of packets) if (!packet.startsWith(beginning)) judgePacket(packet, where, verdict);
    if (packets.some((packet) => packet.startsWith(beginning))) return true;
    if (packets.includes('1')) return false;
    if (packets.includes('2')) await ask(url, 'POST', path, '3');
  }
  return false;
};

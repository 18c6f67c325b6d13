import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectEncrypted } from 'node:tls';
import type { Http2Script } from '../inputs/script.js';
import type { Verdict } from '../judge/verdict.js';
import type { StoreDoor } from './grpc-door.js';
import { PATIENCE_MS } from './websocket-door.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const SETTINGS = Buffer.from('000000040000000000', 'hex');
/** Sent last: a PING, whose answer has the same eight bytes. */
const PING = Buffer.from('0000080600000000007665726261746d21', 'hex');
const PONG = Buffer.from('7665726261746d21', 'hex');
/** How many frames go on one connection. Most of them end it. */
const FRAMES = 4;

/** Writes HTTP/2 frames by hand, a few per connection, also without TLS. */
export const overHttp2 = async (
  door: StoreDoor,
  { isEncrypted, inputs }: Http2Script,
  where: string,
  verdict: Verdict,
): Promise<void> => {
  for (let at = 0; at < inputs.length; at += FRAMES)
    await sendFrames(door, isEncrypted, inputs.slice(at, at + FRAMES), where, verdict);
};

const open = ({ port, certificate }: StoreDoor, isEncrypted: boolean, call: () => void): Socket =>
  isEncrypted
    ? connectEncrypted({ port, host: 'localhost', ca: certificate, ALPNProtocols: ['h2'] }, call)
    : connectPlain({ port, host: 'localhost' }, call);

const sendFrames = (
  door: StoreDoor,
  isEncrypted: boolean,
  frames: readonly Buffer[],
  where: string,
  verdict: Verdict,
): Promise<void> =>
  new Promise((resolve) => {
    let bytes = 0;
    let came = Buffer.alloc(0);
    const socket = open(door, isEncrypted, () =>
      socket.write(Buffer.concat([Buffer.from(PREFACE), SETTINGS, ...frames, PING])),
    );
    const over = (): void => {
      clearTimeout(timer);
      verdict.count('connections');
      if (bytes > 1_024)
        verdict.violation('a refusal of more than 1 KB', where, `${bytes} bytes over HTTP/2`);
      socket.destroy();
      resolve();
    };
    // The server waits for the rest of a frame that is cut short, so the sender closes the connection.
    const timer = setTimeout(over, PATIENCE_MS / 100);
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length;
      came = Buffer.concat([came, piece]).subarray(-4_096);
      if (came.includes(PONG)) over();
    });
    socket.once('close', over);
    socket.on('error', () => undefined);
  });

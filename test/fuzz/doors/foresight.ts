import { ExactDecoder } from '#libs/platform/sockets/packets/exact-decoder.js';
import { HOME } from '../inputs/odd-packets.js';
import type { Frame } from '../inputs/odd-packets.js';
import type { SocketScript } from '../inputs/script.js';
import type { Verdict } from '../judge/verdict.js';

/** Inputs that may have come to a connection that was closed already. */
const UNSURE = 'inputs behind an end that was not foreseen';

/** The largest frame that is taken; a longer event of somebody who was let in is refused. */
const FRAME_BYTES = 64 * 1024;
/** Frames that a connection may send before anybody is let in, less the last. */
const STRANGERS_FRAMES = 10;
/** CONNECTs that one connection may send, less the ones that come first and last. */
const CONNECTS = 5;

/**
 * Tells after which frame nothing more is heard on a connection, because it ends or the namespace is left, so that no
 * input is sent to a door that is shut. It need not be right: it saves connections.
 */
export class Foresight {
  private readonly decoder = new ExactDecoder();
  private connects = 0;
  private isLeft = false;

  /** @param home the namespace that was entered, if one was */
  constructor(private readonly home: string | undefined) {
    this.decoder.on('decoded', ({ type, nsp }: { type: number; nsp: string }) => {
      // CONNECT
      if (type === 0) this.connects += 1;
      if (type === 0 ? nsp === home : nsp !== home) this.isLeft = true;
      // DISCONNECT, CONNECT_ERROR
      if (type === 1 || type === 4) this.isLeft = true;
    });
  }

  /** Whether a frame is the last that this connection can take. */
  ends(frame: Frame): boolean {
    if (Buffer.byteLength(frame) > FRAME_BYTES)
      return this.home === undefined || !frame.toString().startsWith('42');
    try {
      if (typeof frame !== 'string') this.decoder.add(frame);
      else if (frame.startsWith('4')) this.decoder.add(frame.slice(1));
      else if (frame.startsWith('b')) this.decoder.add(Buffer.from(frame.slice(1), 'base64'));
      else return !/^[356]/.test(frame);
    } catch {
      return true;
    }
    return this.isLeft || this.connects >= CONNECTS;
  }
}

/** Frames that go to one connection. `ends`: it takes no more after them. */
type Segment = Readonly<{ frames: readonly Frame[]; ends: boolean }>;

/** Cuts frames into what one connection after the other can take, each at most so many. */
function* segmentsOf({ inputs, who }: SocketScript): Generator<Segment> {
  const home = who === 'nobody' ? undefined : HOME[who];
  const most = home === undefined ? STRANGERS_FRAMES : inputs.length;
  let foresight = new Foresight(home);
  let gathered: Frame[] = [];
  for (const frame of inputs) {
    gathered.push(frame);
    const ends = foresight.ends(frame);
    if (!ends && gathered.length < most) continue;
    yield { frames: gathered, ends };
    gathered = [];
    foresight = new Foresight(home);
  }
  if (gathered.length > 0) yield { frames: gathered, ends: false };
}

/**
 * Sends a script's frames, a new connection for each segment. Frames may not have come where a connection has ended that was
 * thought to go on: they are counted as unsure.
 *
 * @param send says whether all frames were taken before the connection ended
 */
export const sendInSegments = async (
  script: SocketScript,
  verdict: Verdict,
  send: (frames: readonly Frame[]) => Promise<boolean>,
): Promise<void> => {
  for (const { frames, ends } of segmentsOf(script)) {
    const isAnswered = await send(frames);
    if (!isAnswered && !ends) verdict.count(UNSURE, frames.length - 1);
  }
};

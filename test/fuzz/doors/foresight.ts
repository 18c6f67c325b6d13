import { ExactDecoder } from '#libs/platform/sockets/packets/exact-decoder.js';
import { HOME } from '../inputs/odd-packets.js';
import type { Frame } from '../inputs/odd-packets.js';
import type { SocketScript } from '../inputs/script.js';
import type { Verdict } from '../judge/verdict.js';

/** Counts inputs that may have reached a connection after it was closed. */
const UNSURE = 'inputs after an end that was not foreseen';

/** The largest frame that is accepted. A longer event from somebody who was let in is refused. */
const FRAME_BYTES = 64 * 1024;
/** How many frames a connection may send before anybody is let in, without the last one. */
const STRANGERS_FRAMES = 10;
/** How many CONNECTs one connection may send, without the first and the last one. */
const CONNECTS = 5;

/**
 * Predicts after which frame a connection no longer hears anything, because it ends or leaves the namespace, so that no
 * input is sent to a closed door. It need not be right: it only saves connections.
 */
class Foresight {
  private readonly decoder = new ExactDecoder();
  private connects = 0;
  private isLeft = false;

  /** @param home the namespace that was entered, if any */
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

/** Frames that go to one connection. With `ends`, it takes no more after them. */
type Segment = Readonly<{ frames: readonly Frame[]; ends: boolean }>;

/** Cuts frames into segments that one connection after the other can take, each of limited length. */
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
 * Sends a script's frames, over a new connection for each segment. If a connection ended although it was expected to go
 * on, its frames may not have arrived; they are counted as unsure.
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

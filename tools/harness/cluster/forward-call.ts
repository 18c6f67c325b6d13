import { constants } from 'node:http2';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Stream,
} from 'node:http2';
import { timeoutAnswers } from './lost-append.js';

export type Refusal = Readonly<{
  status: number;
  message: string;
  trailers?: Readonly<Record<string, string>>;
}>;

/** What happens to the next piece of a call: it is passed on or lost, which may be decided later, or it ends the call. */
export type Verdict = 'passed on' | 'lost' | Promise<'passed on' | 'lost'> | Refusal;

/** How long a real member takes to answer an append that it forwarded in vain (prepare, commit and forward timeouts). */
const LOST_MS = 4_300;
const { HTTP2_HEADER_STATUS, NGHTTP2_CANCEL } = constants;
const GRPC_ANSWER: OutgoingHttpHeaders = { [HTTP2_HEADER_STATUS]: 200, 'content-type': 'application/grpc' };

/** Answers a call that is refused or cut short, in gRPC's way. */
export const refuseCall = (stream: ServerHttp2Stream, { status, message, trailers }: Refusal): void => {
  if (stream.destroyed || stream.closed) return;
  const end = { ...trailers, 'grpc-status': String(status), 'grpc-message': encodeURIComponent(message) };
  if (stream.headersSent) {
    stream.removeAllListeners('wantTrailers');
    stream.on('wantTrailers', () => stream.sendTrailers(end));
    stream.end();
  } else stream.respond({ ...GRPC_ANSWER, ...end }, { endStream: true });
  stream.resume();
};

/** Forwards a call to the store and the answer back, piece by piece. `judge` decides about each piece of the call. */
export const forwardCall = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  store: ClientHttp2Session,
  judge: () => Verdict,
): void => {
  const { ':authority': _, ...passed } = headers;
  const upstream = store.request(passed);
  const respond = bringAnswersBack(upstream, stream);
  const carryOut = inOrder((verdict, piece) => {
    if (verdict === 'lost') {
      setTimeout(() => {
        respond(GRPC_ANSWER);
        if (stream.writable) stream.write(timeoutAnswers(piece));
      }, LOST_MS).unref();
    } else if (upstream.writable && !upstream.write(piece)) stream.pause();
  });
  stream.on('data', (piece: Buffer) => {
    const verdict = judge();
    if (typeof verdict === 'string' || verdict instanceof Promise) carryOut(verdict, piece);
    else {
      upstream.close(NGHTTP2_CANCEL);
      refuseCall(stream, verdict);
    }
  });
  upstream.on('drain', () => stream.resume());
  stream.on('end', () => upstream.writable && upstream.end());
  stream.on('close', () => upstream.close(NGHTTP2_CANCEL));
};

/** Forwards answers to the caller. @returns a function that begins the answer, if nothing has yet */
const bringAnswersBack = (
  upstream: ClientHttp2Stream,
  stream: ServerHttp2Stream,
): ((answer: OutgoingHttpHeaders) => void) => {
  let trailers: IncomingHttpHeaders = {};
  const respond = (answer: OutgoingHttpHeaders): void => {
    if (stream.destroyed || stream.headersSent) return;
    stream.respond(answer, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  };
  upstream.on('trailers', (received) => (trailers = received));
  upstream.on('response', (answer, flags) => {
    if (!(flags & constants.NGHTTP2_FLAG_END_STREAM)) respond(answer);
    else if (!stream.destroyed && !stream.headersSent) stream.respond(answer, { endStream: true });
  });
  upstream.on('data', (piece: Buffer) => {
    if (stream.writable && !stream.write(piece)) upstream.pause();
  });
  stream.on('drain', () => upstream.resume());
  upstream.on('end', () => stream.writable && stream.end());
  upstream.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  return respond;
};

type Decided = 'passed on' | 'lost';

/** Keeps pieces in order: carries one out at once if no earlier one is undecided, otherwise after those. */
const inOrder = (carryOut: (verdict: Decided, piece: Buffer) => void) => {
  let undecided = 0;
  let last: Promise<void> = Promise.resolve();
  const later = async (verdict: Decided | Promise<Decided>, piece: Buffer, before: Promise<void>) => {
    undecided += 1;
    await before;
    carryOut(await verdict, piece);
    undecided -= 1;
  };
  return (verdict: Decided | Promise<Decided>, piece: Buffer): void => {
    if (typeof verdict === 'string' && undecided === 0) carryOut(verdict, piece);
    else last = later(verdict, piece, last);
  };
};

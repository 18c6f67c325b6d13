import { constants } from 'node:http2';
import type {
  ClientHttp2Session,
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

/** What becomes of the next piece of a call: it is passed on or lost, perhaps only decided later, or ends the call. */
export type Verdict = 'passed on' | 'lost' | Promise<'passed on' | 'lost'> | Refusal;

/** After so long a real member answers an append that it passed on in vain (prepare, commit and forward time-outs). */
const LOST_MS = 4_300;
const { HTTP2_HEADER_STATUS, NGHTTP2_CANCEL } = constants;
const GRPC_ANSWER: OutgoingHttpHeaders = { [HTTP2_HEADER_STATUS]: 200, 'content-type': 'application/grpc' };

/** gRPC's answer to a call that is not carried out, or goes no further. */
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

/** Passes a call on to the store and its answer back, piece by piece, each as `judge` says of that moment. */
export const forwardCall = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  store: ClientHttp2Session,
  judge: () => Verdict,
): void => {
  const { ':authority': _, ...passed } = headers;
  let undecided: Promise<void> | undefined;
  const upstream = store.request(passed);
  let trailers: IncomingHttpHeaders = {};
  const respond = (answer: OutgoingHttpHeaders): void => {
    if (stream.destroyed || stream.headersSent) return;
    stream.respond(answer, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  };
  const lose = (piece: Buffer): void => {
    setTimeout(() => {
      respond(GRPC_ANSWER);
      if (stream.writable) stream.write(timeoutAnswers(piece));
    }, LOST_MS).unref();
  };
  upstream.on('trailers', (received) => (trailers = received));
  upstream.on('response', (answer, flags) => {
    if (!(flags & constants.NGHTTP2_FLAG_END_STREAM)) respond(answer);
    else if (!stream.destroyed && !stream.headersSent) stream.respond(answer, { endStream: true });
  });
  upstream.on('data', (piece: Buffer) => {
    if (stream.writable && !stream.write(piece)) upstream.pause();
  });
  upstream.on('end', () => stream.writable && stream.end());
  upstream.on('drain', () => stream.resume());
  upstream.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  const carryOut = (verdict: 'passed on' | 'lost', piece: Buffer): void => {
    if (verdict === 'lost') lose(piece);
    else if (upstream.writable && !upstream.write(piece)) stream.pause();
  };
  const carryOutLater = async (
    decided: Promise<['passed on' | 'lost', void]>,
    piece: Buffer,
  ): Promise<void> => {
    const [verdict] = await decided;
    carryOut(verdict, piece);
  };
  stream.on('data', (piece: Buffer) => {
    const verdict = judge();
    if (typeof verdict === 'string' && !undecided) carryOut(verdict, piece);
    else if (typeof verdict === 'string' || verdict instanceof Promise) {
      const mine = carryOutLater(Promise.all([verdict, undecided]), piece);
      undecided = mine;
      void mine.finally(() => {
        if (undecided === mine) undecided = undefined;
      });
    } else {
      upstream.close(NGHTTP2_CANCEL);
      refuseCall(stream, verdict);
    }
  });
  stream.on('drain', () => upstream.resume());
  stream.on('end', () => upstream.writable && upstream.end());
  stream.on('close', () => upstream.close(NGHTTP2_CANCEL));
};

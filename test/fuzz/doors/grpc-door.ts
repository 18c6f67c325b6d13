import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import type { Access, GrpcInput } from '../inputs/odd-grpc.js';
import type { GrpcScript } from '../inputs/script.js';
import type { Verdict } from '../judge/verdict.js';
import { PATIENCE_MS } from './websocket-door.js';

/** The event store's port, and the credentials that let somebody in. */
export type StoreDoor = Readonly<{ port: number; certificate: string; password: string }>;

/** A call that follows the log never ends by itself, so it is cancelled after this time. */
const CANCEL_MS = 200;
const ENOUGH_BYTES = 64 * 1024;

/** Makes a script's calls, all at once on one connection. */
export const overGrpc = async (
  door: StoreDoor,
  { access, inputs }: GrpcScript,
  where: string,
  verdict: Verdict,
): Promise<void> => {
  const session = connect(`https://localhost:${door.port}`, { ca: door.certificate });
  session.on('error', () => undefined);
  const authorization = credentialsOf(access, door.password);
  await Promise.all(inputs.map((input) => call(session, input, authorization, where, verdict)));
  verdict.count('connections');
  session.destroy();
};

const credentialsOf = (access: Access, password: string): string | undefined => {
  if (access === 'none') return undefined;
  const words = access === 'password' ? `admin:${password}` : 'admin:changeit';
  return `Basic ${Buffer.from(words).toString('base64')}`;
};

const call = (
  session: ClientHttp2Session,
  { path, body, headers }: GrpcInput,
  authorization: string | undefined,
  where: string,
  verdict: Verdict,
): Promise<void> =>
  new Promise((resolve) => {
    if (session.destroyed || session.closed) {
      verdict.count('calls on a connection that had ended');
      resolve();
      return;
    }
    const stream = session.request({
      ':method': 'POST',
      ':path': path || '/',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(authorization && { authorization }),
      ...headers,
    });
    let told: Record<string, unknown> = {};
    let bytes = 0;
    const stall = setTimeout(() => {
      verdict.violation('no answer and no end', where, `over gRPC: ${path}`);
      session.destroy();
      resolve();
    }, PATIENCE_MS);
    const cancel = setTimeout(() => stream.close(), CANCEL_MS);
    stream.on('response', (given) => (told = { ...told, ...given }));
    stream.on('trailers', (given) => (told = { ...told, ...given }));
    stream.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > ENOUGH_BYTES) stream.close();
    });
    stream.on('error', () => undefined);
    stream.on('close', () => {
      clearTimeout(stall);
      clearTimeout(cancel);
      judge(told, `${where} ${path}`, verdict);
      resolve();
    });
    stream.end(body);
  });

/**
 * Judges the answer to a call. Data that came before the call failed answers what was right until then, and is no part
 * of the refusal.
 */
const judge = (told: Record<string, unknown>, where: string, verdict: Verdict): void => {
  const isRefused = (told['grpc-status'] ?? '0') !== '0' || (told[':status'] ?? 200) !== 200;
  if (!isRefused) {
    verdict.count('accepted');
    return;
  }
  const text = JSON.stringify(told);
  verdict.refusal(where, text.length, text);
  // An exception that nobody handles becomes UNKNOWN.
  if (told['grpc-status'] === '2')
    verdict.count(`gRPC UNKNOWN: ${String(told['grpc-message']).slice(0, 60)}`);
};

import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { accessOf, type Credentials } from './access.js';
import { GrpcCall } from './grpc-call.js';
import { KeepAlives, type KeepAlive } from './keep-alive.js';
import { RpcError, STATUS } from './status.js';

/** Answers one call. What it throws or rejects with ends the call. */
export type MethodHandler = (call: GrpcCall) => void | Promise<void>;

/** Handlers by path, `/package.Service/Method`. */
export type Methods = Readonly<Record<string, MethodHandler>>;

export interface GrpcServerOptions {
  /** PEM. Without it connections are not encrypted. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** The one user there is. Without it everybody may call everything. */
  readonly credentials?: Credentials | undefined;
  /** When a connection is given up on which nothing is heard. */
  readonly keepAlive?: KeepAlive | undefined;
}

const WINDOW = 1024 * 1024;
const MILLISECONDS = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };

/**
 * gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) on node:http2. @grpc/grpc-js's
 * server writes every message by itself; here many go in one write, which is what makes reads cheap.
 */
export class GrpcServer {
  private readonly server: Http2Server | Http2SecureServer;
  private readonly sessions = new Set<ServerHttp2Session>();
  /** Of all connections, those too that never said a word. */
  private readonly sockets = new Set<Socket>();
  private readonly keepAlives: KeepAlives;
  private readonly calls = new Set<GrpcCall>();

  /** @throws Error if the certificate or the key is none */
  constructor(
    private readonly methods: Methods,
    private readonly options: GrpcServerOptions = {},
  ) {
    // Node refuses new streams of a connection that holds more megabytes than this; slow readers are bounded by us.
    const settings = { settings: { initialWindowSize: WINDOW }, maxSessionMemory: 1000 };
    const { tls } = options;
    this.server = tls
      ? createSecureServer({ ...settings, cert: tls.certificate, key: tls.key })
      : createServer(settings);
    this.keepAlives = new KeepAlives(options.keepAlive);
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server.on('session', (session) => {
      session.setLocalWindowSize(WINDOW);
      this.sessions.add(session);
      this.keepAlives.watch(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', () => session.destroy());
    });
    this.server.on('stream', (stream, headers) => this.accept(stream, headers));
    this.server.on('sessionError', () => {});
    this.server.on('tlsClientError', () => {}); // it does not trust the certificate, or speaks no TLS
  }

  /** Resolves with the port once it listens. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * Ends every call with an error, or as it wants to be ended at a shutdown, then closes all connections, at once those that
   * don't close in time.
   */
  async close(reason: RpcError, graceMs = 300): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    this.keepAlives.stop();
    for (const call of this.calls) call.shutDown(reason);
    for (const session of this.sessions) session.close();
    const timer = setTimeout(() => {
      for (const session of this.sessions) session.destroy();
      // What never became a session, and what a peer that stands still does not let go.
      for (const socket of this.sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  private accept(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {}); // the client left; the call hears of it by its close
    if (!headers['content-type']?.startsWith('application/grpc')) {
      stream.respond({ ':status': 415 }, { endStream: true });
      return;
    }
    const call = new GrpcCall(stream, headers);
    const path = headers[':path'] ?? '';
    const access = accessOf(this.options.credentials, path, headers.authorization);
    if (access === 'wrong') {
      stream.respond({ ':status': 401 }, { endStream: true });
      return;
    }
    const handler = this.methods[path];
    if (!handler) {
      call.fail(new RpcError(STATUS.UNIMPLEMENTED, 'Service is unimplemented.'));
      return;
    }
    if (access === 'denied') {
      call.fail(ACCESS_DENIED);
      return;
    }
    this.calls.add(call);
    call.signal.addEventListener('abort', () => this.calls.delete(call));
    const timeout = parseTimeout(headers['grpc-timeout']);
    if (timeout !== undefined) call.setDeadline(timeout);
    void run(handler, call);
  }
}

/** RpcExceptions.cs, AccessDenied. */
const ACCESS_DENIED = new RpcError(STATUS.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

const run = async (handler: MethodHandler, call: GrpcCall): Promise<void> => {
  try {
    await handler(call);
  } catch (error) {
    call.fail(error);
  }
};

/** A call with one request and one response. */
export const unary =
  (answer: (request: Buffer, call: GrpcCall) => Buffer | Promise<Buffer>): MethodHandler =>
  (call) => {
    let request: Buffer = Buffer.alloc(0);
    const respond = async (): Promise<void> => {
      try {
        await call.send(await answer(request, call));
        call.end();
      } catch (error) {
        call.fail(error);
      }
    };
    call.listen({ message: (bytes) => (request = bytes), end: () => void respond() });
  };

const parseTimeout = (header: string | string[] | undefined): number | undefined => {
  const match = /^(?<count>\d{1,8})(?<unit>[HMSmun])$/u.exec(String(header ?? ''));
  if (!match?.groups) return undefined;
  return Number(match.groups['count']) * MILLISECONDS[match.groups['unit'] as keyof typeof MILLISECONDS];
};

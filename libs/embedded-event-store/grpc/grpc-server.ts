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
import { SYSTEM_CLOCK } from '#libs/time/clock.js';

/** Answers one call. An error that it throws or rejects with ends the call. */
export type MethodHandler = (call: GrpcCall) => void | Promise<void>;

/** Maps paths, `/package.Service/Method`, to their handlers. */
export type Methods = Readonly<Record<string, MethodHandler>>;

export interface GrpcServerOptions {
  /** PEM texts of certificate and key. Without them connections are not encrypted. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** The only user. Without one, everybody may call everything. */
  readonly credentials?: Credentials | undefined;
  /** Times after which a silent connection is given up. */
  readonly keepAlive?: KeepAlive | undefined;
}

const WINDOW = 1024 * 1024;
const MILLISECONDS = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };

/**
 * Serves gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) on node:http2. The server of
 * @grpc/grpc-js writes every message by itself; this one puts many into one write, which makes reads cheap.
 */
export class GrpcServer {
  private readonly server: Http2Server | Http2SecureServer;
  private readonly sessions = new Set<ServerHttp2Session>();
  /** Sockets of all connections, including those that never sent a byte. */
  private readonly sockets = new Set<Socket>();
  private readonly keepAlives: KeepAlives;
  private readonly calls = new Set<GrpcCall>();

  /** @throws Error if the certificate or the key is invalid */
  constructor(
    private readonly methods: Methods,
    private readonly options: GrpcServerOptions = {},
  ) {
    // Node refuses new streams on a connection that holds more megabytes than this. We limit slow readers ourselves.
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
    this.server.on('tlsClientError', () => {}); // the client does not trust the certificate, or speaks no TLS
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
   * Ends every call with an error, or in the way that the call has chosen for a shutdown, then closes all connections.
   * Connections that don't close within the grace period are destroyed.
   */
  async close(reason: RpcError, graceMs = 300): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    this.keepAlives.stopPinging();
    for (const call of this.calls) call.shutDown(reason);
    for (const session of this.sessions) session.close();
    const cancel = SYSTEM_CLOCK.after(graceMs, () => {
      for (const session of this.sessions) session.destroy();
      // Also sockets that never became a session, and those whose frozen peer does not close.
      for (const socket of this.sockets) socket.destroy();
    });
    await closed;
    cancel();
  }

  private accept(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {}); // the client left; the call learns about it from its own `close`
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

/** EventStoreDB's error for a call without the needed rights (RpcExceptions.cs, AccessDenied). */
const ACCESS_DENIED = new RpcError(STATUS.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

const run = async (handler: MethodHandler, call: GrpcCall): Promise<void> => {
  try {
    await handler(call);
  } catch (error) {
    call.fail(error);
  }
};

/** Handles a call with one request and one response. */
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

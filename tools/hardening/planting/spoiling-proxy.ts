import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import { SpoiledFrames } from './spoiled-frames.js';
import type { Plant } from './plants.js';

const LOCKED_OUT_MS = 6_000;
const FRESHNESS = ['age', 'x-verbatim-stale'];

/**
 * Stands in front of a server, which may come and go, and plants faults in the traffic between it and its bots. Handles
 * HTTP and WebSocket only, because the bots of a run use no other transport.
 */
export class SpoilingProxy {
  private readonly bots = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  private lockedUntil = 0;

  private constructor(
    private readonly http: Server,
    private readonly serverUrl: string,
    private readonly planted: ReadonlySet<Plant>,
  ) {}

  static async start(serverUrl: string, planted: ReadonlySet<Plant>): Promise<SpoilingProxy> {
    const http = createServer();
    const proxy = new SpoilingProxy(http, serverUrl, planted);
    http.on('request', (asked, answer) => proxy.forwardRequest(asked, answer));
    http.on('upgrade', (asked, socket, head) => proxy.connect(asked, socket, head));
    await once(http.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const bot of this.bots.clients) bot.terminate();
    this.http.close();
    this.http.closeAllConnections();
    await once(this.http, 'close');
  }

  private forwardRequest(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, headers } = asked;
    const onward = request(new URL(asked.url ?? '/', this.serverUrl), { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, this.headersOf(answered.headers));
      answered.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  }

  private headersOf(headers: IncomingHttpHeaders): IncomingHttpHeaders {
    if (!this.planted.has('hide-stale')) return headers;
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !FRESHNESS.includes(name)));
  }

  private connect(asked: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (performance.now() < this.lockedUntil) {
      socket.destroy();
      return;
    }
    this.bots.handleUpgrade(asked, socket, head, (bot) => {
      const target = new URL(asked.url ?? '/', this.serverUrl);
      target.protocol = target.protocol.replace('http', 'ws');
      join(bot, new WebSocket(target, { perMessageDeflate: false }), new SpoiledFrames(this.planted));
      bot.on('close', () => {
        if (this.planted.has('late-reconnect')) this.lockedUntil = performance.now() + LOCKED_OUT_MS;
      });
    });
  }
}

const join = (bot: WebSocket, upstream: WebSocket, spoiled: SpoiledFrames): void => {
  const waiting: (readonly [RawData, boolean])[] = [];
  bot.on('message', (data, binary) => {
    const instead = binary ? undefined : spoiled.falseAnswerTo((data as Buffer).toString(), new Date());
    if (instead !== undefined) bot.send(instead);
    else if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary });
    else waiting.push([data, binary]);
  });
  upstream.on('open', () => {
    for (const [data, binary] of waiting.splice(0)) upstream.send(data, { binary });
  });
  upstream.on('message', (data, binary) => {
    if (binary) bot.send(data, { binary });
    else pass(bot, spoiled, (data as Buffer).toString());
  });
  const end = (): void => {
    bot.terminate();
    upstream.terminate();
  };
  for (const side of [bot, upstream]) side.on('close', end).on('error', end);
};

const pass = (bot: WebSocket, spoiled: SpoiledFrames, frame: string): void => {
  const { frames, delayMs, thenCut } = spoiled.fateOf(frame);
  const send = (): void => {
    for (const one of frames) if (bot.readyState === WebSocket.OPEN) bot.send(one);
    if (thenCut) bot.terminate();
  };
  if (delayMs > 0) setTimeout(send, delayMs);
  else send();
};

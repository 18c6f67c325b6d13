import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import { SpoiledFrames } from './spoiled-frames.js';
import type { Plant } from './plants.js';

/** Stands between bots and a server, and spoils what the server says. WebSocket only, as bots of a run connect. */
export class SpoilingProxy {
  private constructor(private readonly server: WebSocketServer) {}

  static async start(serverUrl: string, planted: ReadonlySet<Plant>): Promise<SpoilingProxy> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    server.on('connection', (bot, { url = '/' }) => {
      const target = new URL(url, serverUrl);
      target.protocol = target.protocol.replace('http', 'ws');
      join(bot, new WebSocket(target, { perMessageDeflate: false }), new SpoiledFrames(planted));
    });
    await once(server, 'listening');
    return new SpoilingProxy(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
    await once(this.server, 'close');
  }
}

const join = (bot: WebSocket, upstream: WebSocket, spoiled: SpoiledFrames): void => {
  const waiting: (readonly [RawData, boolean])[] = [];
  bot.on('message', (data, binary) => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary });
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

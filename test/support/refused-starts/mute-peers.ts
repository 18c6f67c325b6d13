import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Peer = Readonly<{ port: number; close(): Promise<void> }>;

/** Starts a peer that accepts connections and says nothing. */
export const startSilentPeer = (): Promise<Peer> => startPeer(() => undefined);

/** Starts a peer that accepts connections and closes each as soon as data arrives. */
export const startCurtPeer = (): Promise<Peer> =>
  startPeer((socket) => void socket.once('data', () => socket.destroy()));

/** Starts a web server that speaks only HTTP/1. */
export const startWebServer = (): Promise<Peer> =>
  listening(
    createHttpServer((_, response) => response.end('hello')),
    () => undefined,
  );

const startPeer = (meet: (socket: Socket) => void): Promise<Peer> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    meet(socket);
  });
  return listening(server, () => sockets.forEach((socket) => socket.destroy()));
};

const listening = async (server: Server, cut: () => void): Promise<Peer> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
};

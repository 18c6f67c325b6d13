import { PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import type { BotSocket } from './bot-socket.js';

/** A request as it came in. Without an id no answer is expected. */
export type BotRequest = Readonly<{ name: string; payload: unknown; id: number | undefined }>;

/** The method by which Socket.IO hands a packet to a socket. It is missing from its types. */
type Receiving = { _onpacket(packet: Packet): void };

/**
 * Hands all events of a socket to this function, in order, instead of to Socket.IO's listeners. Socket.IO would wrap
 * each in several functions and lists, and hide its id.
 *
 * @param take must not throw
 */
export const takeRequests = (socket: BotSocket, take: (request: BotRequest) => void): void => {
  const receiving = socket as unknown as Receiving;
  const takeOther = receiving['_onpacket'].bind(socket);
  receiving['_onpacket'] = (packet) => {
    if (packet.type !== PacketType.EVENT) return takeOther(packet);
    const [name, payload] = (packet.data ?? []) as [string, unknown];
    take({ name, payload, id: packet.id });
  };
};

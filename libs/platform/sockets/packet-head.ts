/** What the first characters of a Socket.IO packet say. */
export type PacketHead = Readonly<{
  kind: 'connect' | 'disconnect' | 'event' | 'acknowledgement' | 'other';
  namespace: string;
  /** Under which an answer is expected. */
  id?: string;
  /** Name of an event, if it is a short one in plain letters. */
  event?: string;
  /** Binary frames that belong to it and come after it. */
  attachments?: number;
}>;

const KINDS: Readonly<Record<string, PacketHead['kind']>> = {
  '0': 'connect',
  '1': 'disconnect',
  '2': 'event',
  '3': 'acknowledgement',
  '5': 'event',
  '6': 'acknowledgement',
};

/** Type, attachments, namespace, id, name (Socket.IO protocol, revision 5). No part can be longer than it may be. */
const HEAD = /^([0-6])(?:(\d{1,4})-)?(?:(\/[^,]{0,64}),)?(?:(\d{1,15})(?!\d))?(?:\["([a-z_]{1,32})")?/;

/**
 * Reads the head and leaves the rest alone: what a caller may not send is to cost no more than this. A packet that can't
 * be read is of kind `other`.
 */
export const readPacketHead = (packet: string): PacketHead => {
  const found = HEAD.exec(packet);
  if (!found) return { kind: 'other', namespace: '/' };
  const [, type, attachments, namespace = '/', id, event] = found;
  return {
    kind: KINDS[type!] ?? 'other',
    namespace,
    ...(id === undefined ? {} : { id }),
    ...(event === undefined ? {} : { event }),
    ...(attachments === undefined ? {} : { attachments: Number(attachments) }),
  };
};

/** The packet that answers another by its id (Socket.IO protocol, revision 5). */
export const answerPacket = ({ namespace, id }: PacketHead, answer: object): string => {
  const to = namespace === '/' ? '' : `${namespace},`;
  return `3${to}${id}${JSON.stringify([answer])}`;
};

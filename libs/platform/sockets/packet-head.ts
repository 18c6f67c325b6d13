/** The information in the first characters of a Socket.IO packet. */
export type PacketHead = Readonly<{
  kind: 'connect' | 'disconnect' | 'event' | 'acknowledgement' | 'other';
  namespace: string;
  /** The id under which an answer is expected. */
  id?: string;
  /** The name of an event, if it is short and has only plain letters. */
  event?: string;
  /** The number of binary frames that belong to the packet and come after it. */
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

/**
 * Matches type, attachments, namespace, id and name (Socket.IO protocol, revision 5). Each part has a limited length.
 */
const HEAD = /^([0-6])(?:(\d{1,4})-)?(?:(\/[^,]{0,64}),)?(?:(\d{1,15})(?!\d))?(?:\["([a-z_]{1,32})")?/;

/**
 * Reads the head of a packet and nothing else, so that a packet which the sender may not send costs no more than this.
 * A packet that can't be read is of kind `other`.
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

/** Returns the packet that answers another one by its id (Socket.IO protocol, revision 5). */
export const answerPacket = ({ namespace, id }: PacketHead, answer: object): string => {
  const to = namespace === '/' ? '' : `${namespace},`;
  return `3${to}${id}${JSON.stringify([answer])}`;
};

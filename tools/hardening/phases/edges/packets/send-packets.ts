import { RawConnection } from '#tools/harness/bots/raw-connection.js';
import { connectionOf } from '../asking/ask-group.js';
import type { Scene } from '../scene.js';
import type { Bystander, Packet, PacketSeen } from './packet.js';

const AT_ONCE = 4;
/** Acknowledgement id of the request that checks whether the connection still works. */
const QUESTION = 4_242;

/** Sends each packet on a connection of its own. */
export const sendPackets = async (
  packets: readonly Packet[],
  scene: Scene,
): Promise<readonly PacketSeen[]> => {
  const seen: PacketSeen[] = [];
  const waiting = packets.entries();
  const work = async (): Promise<void> => {
    for (const [index, packet] of waiting) seen[index] = await send(packet, `packet-${index}`, scene);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return seen;
};

/** Checks whether a bot that was connected all the time still is, and still receives what is posted. */
export const bystanderOf = async (id: string | undefined, scene: Scene): Promise<Bystander> => {
  const { watcher: bot, channel } = scene;
  const connection = await connectionOf({ bot, channel }, id);
  const seq = await scene.bot.say(channel, 'is everybody there?');
  const received = await bot.untilSeq(channel, seq).then(
    () => true,
    () => false,
  );
  return { ...connection, received };
};

const send = async (packet: Packet, consumer: string, { api, keys }: Scene): Promise<PacketSeen> => {
  const connection = await RawConnection.open(api.url);
  try {
    const enter = async (): Promise<void> => {
      connection.send(`40/bots,${JSON.stringify({ key: keys.socket, consumer })}`);
      await connection.until('2/bots,["ready"');
    };
    if (packet.before !== true) await enter();
    const before = connection.received.length;
    connection.send(...packet.frames, `42/bots,${QUESTION}["who",{}]`);
    const answer = await connection.until(`3/bots,${QUESTION}[`).catch(() => undefined);
    const received = connection.received.slice(before).filter((one) => one !== answer && isAboutUs(one));
    return { packet, received, goesOn: answer !== undefined, closed: connection.closed };
  } finally {
    connection.close();
  }
};

/** Channels stay active meanwhile, so backlog, messages and presence of others are not answers. */
const isAboutUs = (packet: string): boolean =>
  !/^2\/bots,\d*\["(?:ready|message|backlog|caughtup|presence|signal)"/.test(packet);

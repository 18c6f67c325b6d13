import type { Connection, Exchange, Group, GroupSeen, Road } from '../exchange.js';
import type { Scene } from '../scene.js';
import { askHttp } from './ask-http.js';
import { askSocket } from './ask-socket.js';

/** Number of requests under way at once. */
const AT_ONCE = 8;

/** Makes the requests of a group, each transport separately. Does not read back what is stored. */
export const askGroup = async (group: Group, scene: Scene): Promise<readonly GroupSeen[]> => {
  const roads: readonly Road[] = ['http', 'socket'];
  const seen = await Promise.all(roads.map((road) => overRoad(group, road, scene)));
  return seen.filter(({ exchanges }) => exchanges.length > 0);
};

const overRoad = async ({ asks, ...group }: Group, road: Road, scene: Scene): Promise<GroupSeen> => {
  const id = scene.bot.socket.id;
  const exchanges: Exchange[] = [];
  const waiting = asks.filter(({ request }) => request.road === road).entries();
  const work = async (): Promise<void> => {
    for (const [index, ask] of waiting) {
      const { request } = ask;
      const seen = await (request.road === 'http' ? askHttp(request, scene) : askSocket(request, scene));
      exchanges[index] = { ask, seen };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (road === 'http') return { group, road, exchanges };
  return { group, road, exchanges, connection: await connectionOf(scene, id) };
};

/** Checks whether a connection is still the same one and still answers. */
export const connectionOf = async (
  { bot, channel }: Pick<Scene, 'bot' | 'channel'>,
  id: string | undefined,
): Promise<Connection> => {
  const answers = await bot.request('history', { channel, limit: 1 }).then(
    ({ ok }) => ok,
    () => false,
  );
  return { answers, isSame: bot.socket.connected && bot.socket.id === id };
};

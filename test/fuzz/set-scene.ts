import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { sequence } from '#test/support/sequence.js';
import { SCRATCH } from './inputs/scene.js';
import type { Route, Scene } from './inputs/scene.js';

/** More bots than scripts that run at once, because a bot may connect only so often. */
const BOTS = 150;
/** How many requests are made at once. A key may have this many under way, and more. */
const TOGETHER = 30;
const CHANNEL = 'fuzz-open';
const CLOSED = 'fuzz-closed';

type Operation = Readonly<{ parameters?: readonly { in: string; name: string }[] }>;

const routesOf = async (api: VerbatimApi): Promise<Route[]> => {
  const { body } = await api.request('GET', '/docs/openapi.json');
  return Object.entries(body['paths'] as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => ({
        method: method.toUpperCase(),
        path,
        query: parameters.flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : [])),
      })),
  );
};

const operatorKey = async (api: VerbatimApi, role: 'admin' | 'auditor'): Promise<string> =>
  (await api.request('POST', '/v1/keys', { role })).body['key'] as string;

/** Makes everything that the inputs refer to. */
export const setScene = async (api: VerbatimApi): Promise<Scene> => {
  await api.createChannel(CHANNEL);
  await api.createChannel(CLOSED, 'private');
  for (const name of SCRATCH) await api.createChannel(name);
  const make = async (bot: string): Promise<string> => {
    const key = await api.createBot(bot);
    await api.addMember(CHANNEL, bot);
    return key;
  };
  const bots: string[] = [];
  while (bots.length < BOTS)
    bots.push(
      ...(await Promise.all(
        sequence(bots.length + 1, bots.length + TOGETHER).map((number) => make(`fuzz-bot-${number}`)),
      )),
    );
  return {
    bots,
    shared: await make('fuzz-shared'),
    admin: await operatorKey(api, 'admin'),
    auditor: await operatorKey(api, 'auditor'),
    channel: CHANNEL,
    closed: CLOSED,
    routes: await routesOf(api),
    epochMs: Date.now(),
  };
};

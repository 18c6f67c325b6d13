import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { UnrulyNetwork } from '#tools/harness/network/unruly-network.js';
import { FaultBot } from '#tools/harness/bots/fault-bot.js';
import type { FaultBotOptions } from '#tools/harness/bots/fault-bot.js';
import type { Random } from '#tools/harness/random.js';
import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';

/** The setting of a fault: a running system, and the address at which bots and readers reach it. */
export type Stage = Readonly<{
  /** The system itself, for setup and for reading the log. */
  api: VerbatimApi;
  /** The same system as bots and readers see it: planted faults sit between the two. */
  front: VerbatimApi;
  /** Whether the system runs on a machine whose clock may differ from ours. */
  isRemote: boolean;
  /** The start of the names of bots and channels; no other run uses it. */
  prefix: string;
  random: Random;
  /** Aborted when the run is called off; nothing more may be started then. */
  signal: AbortSignal;
  tell(doing: string): void;
}>;

/** Returns the same stage for one fault, with a name prefix of its own. */
export const stageFor = (stage: Stage, fault: string): Stage => ({
  ...stage,
  prefix: `${stage.prefix}${fault}-`,
  random: stage.random.fork(),
});

/** Opens a network that we control between bots and the system. */
export const openNetwork = ({ front, random }: Stage): Promise<UnrulyNetwork> => {
  const { protocol, hostname, port } = new URL(front.url);
  const isSecure = protocol === 'https:';
  const to = { host: hostname, port: Number(port || (isSecure ? 443 : 80)) };
  return UnrulyNetwork.open(
    () => (isSecure ? connectTls({ ...to, servername: hostname }) : connect({ ...to, allowHalfOpen: true })),
    random.fork(),
  );
};

/** Headers for bots that come through another address: servers that share an address are told apart by the host. */
export const headersFor = ({ front }: Stage): Readonly<Record<string, string>> => ({
  host: new URL(front.url).host,
});

/** Creates a bot that is a member of channels without messages; does not connect it. */
export const enroll = async (
  { api }: Stage,
  bot: string,
  channels: readonly string[],
): Promise<Pick<FaultBotOptions, 'bot' | 'key' | 'memberSince'>> => {
  const key = await api.createBot(bot);
  for (const channel of channels) await api.addMember(channel, bot);
  return { bot, key, memberSince: Object.fromEntries(channels.map((channel) => [channel, -1])) };
};

/** Creates a bot that connects through a network. */
export const botBehind = (
  network: UnrulyNetwork,
  stage: Stage,
  member: Pick<FaultBotOptions, 'bot' | 'key' | 'memberSince'>,
): FaultBot =>
  new FaultBot({
    ...member,
    url: network.url,
    headers: headersFor(stage),
    resumes: 'map',
    random: stage.random.fork(),
  });

import { EventStore } from '#libs/event-store/event-store.js';
import { readClusterMembers, type TlsFiles } from '#libs/event-store/connection/cluster-members.js';
import {
  UnusableConnectionString,
  readConnectionString,
  type ConnectionPlan,
  type Node,
} from '#libs/event-store/connection/connection-string.js';
import { StartRefused } from '../start-refused.js';
import { tookTooLong } from '../took-too-long.js';
import { withDeadline } from '#libs/time/deadline.js';
import { callTrouble, memberToTry, memberTrouble, noLeader } from './event-store-trouble.js';
import { lookAtNode } from './look-at-node.js';
import { readTlsFiles } from './tls-files.js';
import type { Trouble } from './trouble.js';
import { untilUsable } from './until-usable.js';

/** Milliseconds that a node has to name the members of its cluster. */
const GOSSIP_MS = 2000;

/** Checks something else about a store that answers. Returns the first trouble found. */
export type StoreCheck = (store: EventStore) => Promise<Trouble | undefined>;

/**
 * Returns the URL once the store answers there and every check passes.
 *
 * @throws StartRefused
 */
export const checkEventStore = async (url: string, checks: readonly StoreCheck[] = []): Promise<string> => {
  const plan = readPlan(url);
  const files = readTlsFiles(plan);
  await untilUsable(async (leftMs) => {
    const store = openStore(url, leftMs);
    try {
      await withDeadline(leftMs, store.ping(leftMs), tookTooLong(leftMs));
      for (const check of checks) {
        const trouble = await check(store);
        if (trouble !== undefined) return trouble;
      }
      return undefined;
    } catch (error) {
      return (await lookForTrouble(plan, files)) ?? callTrouble(error, plan);
    } finally {
      await store.close();
    }
  });
  return url;
};

const readPlan = (url: string): ConnectionPlan => {
  try {
    return readConnectionString(url);
  } catch (error) {
    if (error instanceof UnusableConnectionString)
      throw new StartRefused(`VERBATIM_EVENTSTORE_URL ${error.message}`);
    throw error;
  }
};

/**
 * Opens the store. If the client refuses a URL that we can read, its message is not shown, because it may
 * contain the password.
 */
const openStore = (url: string, deadlineMs: number): EventStore => {
  try {
    return new EventStore({ connectionString: url, deadlineMs });
  } catch {
    throw new StartRefused(
      'VERBATIM_EVENTSTORE_URL is not understood by the client: see docs/running.md for its form',
    );
  }
};

/** Returns what is wrong with the connections themselves, or undefined when they work. */
const lookForTrouble = async (plan: ConnectionPlan, files: TlsFiles): Promise<Trouble | undefined> => {
  const troubles: Trouble[] = [];
  for (const node of plan.nodes) {
    const trouble = await lookAtNode(node, plan, files);
    if (trouble !== undefined) troubles.push(trouble);
    else return plan.discovers ? lookAtCluster(node, plan, files) : undefined;
  }
  return troubles[0];
};

const lookAtCluster = async (
  seed: Node,
  plan: ConnectionPlan,
  files: TlsFiles,
): Promise<Trouble | undefined> => {
  const members = await readClusterMembers(seed, plan.tls ? files : undefined, GOSSIP_MS).catch(
    () => undefined,
  );
  if (members === undefined) return undefined; // the call's own error says why
  const member = memberToTry(members)?.node;
  if (member === undefined) return noLeader(seed, members);
  const trouble = await lookAtNode(member, plan, files);
  return trouble && memberTrouble(seed, member, trouble);
};

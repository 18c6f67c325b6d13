import { sleep } from '#libs/time/sleep.js';
import type { ApiClient } from '../client/api-client.js';
import type { ComparedReadModel } from './verify-report.js';

type Item = Readonly<{
  name: string;
  status: string;
  error?: Readonly<{ message: string }>;
  compared?: Readonly<{ at: string; differences: ComparedReadModel['differences'] }>;
}>;

type Client = Pick<ApiClient, 'request'>;

const LOOK_MS = 500;
/** The states in which a process works on a projection, so that a comparison will end. */
const WORKING: readonly string[] = ['live', 'catching_up', 'reconnecting'];

/**
 * Has each read model rebuilt aside and compared with the one that is in use, and waits for the results. `onCompared` is
 * called before and after each, with how many are done.
 *
 * @throws CommandFailed when the server refuses, or does not answer
 */
export const compareReadModels = async (
  client: Client,
  onCompared: (done: number, all: number) => void,
): Promise<readonly ComparedReadModel[]> => {
  const before = await itemsOf(client);
  for (const { name } of before)
    await client.request('POST', `/v1/projections/${encodeURIComponent(name)}/recount`);
  for (;;) {
    const compared = (await itemsOf(client)).map((item) =>
      comparedSince(item, before.find(({ name }) => name === item.name)?.compared?.at),
    );
    const done = compared.filter((one) => one !== undefined);
    onCompared(done.length, compared.length);
    if (done.length === compared.length) return done;
    await sleep(LOOK_MS);
  }
};

const itemsOf = async (client: Client): Promise<readonly Item[]> =>
  (await client.request<{ items: readonly Item[] }>('GET', '/v1/projections')).items;

/** Returns the comparison of a read model if it is newer than the last one, or why there will be none. */
const comparedSince = (item: Item, before: string | undefined): ComparedReadModel | undefined => {
  const { name, status, error, compared } = item;
  if (compared && compared.at !== before) return { name, differences: compared.differences };
  if (!WORKING.includes(status))
    return { name, differences: [], why: error?.message ?? `its status is ${status}` };
  return undefined;
};

import type { VerbatimApi } from '#tools/harness/system/verbatim-api.js';
import { waitFor } from '#tools/harness/wait-for.js';

type Item = Readonly<{
  name: string;
  generation?: number;
  state?: string;
  compared?: { differences: unknown[] };
}>;

const PATIENCE_MS = 60_000;

const projections = async (api: VerbatimApi): Promise<readonly Item[]> => {
  const { status, text, body } = await api.request('GET', '/v1/projections');
  if (status !== 200) throw new Error(`GET /v1/projections: ${status} ${text}`);
  return body['items'] as Item[];
};

/**
 * Rebuilds every read model while the current one serves, and waits until each new one has taken over.
 * @throws Error naming what did not
 */
export const rebuildAll = async (api: VerbatimApi): Promise<void> => {
  const settled = async (): Promise<readonly Item[] | undefined> => {
    const items = await projections(api);
    return items.length > 0 && items.every(({ generation }) => generation !== undefined) ? items : undefined;
  };
  const before = new Map(
    (await waitFor('the read models', settled, PATIENCE_MS)).map((item) => [item.name, item.generation!]),
  );
  for (const name of before.keys()) {
    const { status, text } = await api.request('POST', `/v1/projections/${name}/rebuild`, {});
    if (status !== 202) throw new Error(`the rebuild of ${name} was refused: ${status} ${text}`);
  }
  for (const [name, generation] of before) {
    const one = async (): Promise<Item | undefined> => {
      const item = (await projections(api)).find((candidate) => candidate.name === name);
      return (item?.generation ?? 0) > generation ? item : undefined;
    };
    const { compared } = await waitFor(`the rebuild of ${name}`, one, PATIENCE_MS, 100).catch(
      async (error: unknown) => {
        const item = (await projections(api)).find((candidate) => candidate.name === name);
        throw new Error(`${(error as Error).message}: ${JSON.stringify(item)}`, { cause: error });
      },
    );
    if (compared && compared.differences.length > 0)
      throw new Error(`the rebuild of ${name} has different rows: ${JSON.stringify(compared.differences)}`);
  }
};

/** Waits until admins can see the newest message of each channel. */
export const untilShown = async (api: VerbatimApi, heads: ReadonlyMap<string, number>): Promise<void> => {
  if (heads.size === 0) throw new Error('nothing was posted');
  for (const [channel, head] of heads) {
    const isShown = async (): Promise<boolean> => {
      const { body } = await api.request('GET', `/v1/messages?channel=${channel}&limit=1`);
      return (body['items'] as { seq: number }[] | undefined)?.[0]?.seq === head;
    };
    await waitFor(`message ${head} of ${channel} in the read model`, isShown, PATIENCE_MS, 100);
  }
};

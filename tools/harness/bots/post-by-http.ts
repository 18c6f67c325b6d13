type Post = Readonly<{ id: string; channel: string; body: string }>;
type Posted = Post & Readonly<{ seq: number; at: string; duplicate?: boolean }>;

/** Timeout in ms, longer than any server is held up that will still answer. */
const PATIENCE_MS = 5_000;

/** Posts over HTTP. @returns undefined when there was no answer or a refusal; the bot's connection will get an answer */
export const postByHttp = async (url: string, key: string, post: Post): Promise<Posted | undefined> => {
  try {
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(post),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = (await response.json()) as Posted;
    return response.ok ? answer : undefined;
  } catch {
    return undefined;
  }
};

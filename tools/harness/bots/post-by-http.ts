type Post = Readonly<{ id: string; channel: string; body: string }>;
type Posted = Post & Readonly<{ seq: number; at: string; duplicate?: boolean }>;

/** Longer than anybody is held up who is to have an answer. */
const PATIENCE_MS = 5_000;

/** The answer, or undefined when there was none or a refusal: the connection of the bot will get one. */
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

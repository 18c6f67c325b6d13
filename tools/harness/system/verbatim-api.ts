import { learnKey } from '../secrets/told-secrets.js';

export type Answer = Readonly<{
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}>;

/** Calls the HTTP API of a running system, as an admin's script would. */
export class VerbatimApi {
  constructor(
    readonly url: string,
    readonly adminKey: string,
  ) {}

  /** Sends a request, by default as admin. `path` begins with a slash. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    key: string | undefined = this.adminKey,
  ): Promise<Answer> {
    learnKey(key);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, text, body: jsonOf(text) };
    learnKey(answer.body['key']);
    return answer;
  }

  /** Registers a bot and returns its key. It is a member of no channel yet. */
  async createBot(name: string): Promise<string> {
    return (await this.expectOk('POST', '/v1/bots', { name }))['key'] as string;
  }

  async createChannel(channel: string, visibility: 'public' | 'private' = 'public'): Promise<void> {
    await this.expectOk('POST', '/v1/channels', { channel, visibility });
  }

  async addMember(channel: string, bot: string): Promise<void> {
    await this.expectOk('PUT', `/v1/channels/${channel}/members/${bot}`);
  }

  private async expectOk(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}

const jsonOf = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
};

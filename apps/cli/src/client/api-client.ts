import { CommandFailed } from '../command-failed.js';

/** Milliseconds an answer may take; a post waits up to 30 s for the event store. */
const TIMEOUT_MS = 40_000;

/** The HTTP API with a key. Whatever goes wrong is a CommandFailed with one line. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /** The body of a good answer; undefined where it has none by intent. @throws CommandFailed */
  async request<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const response = await this.send(method, path, {
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 204) return undefined as Answer;
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok && answer !== undefined) return answer as Answer;
    throw this.refusal(response, answer);
  }

  /** A good answer whose body may take as long as it likes. @throws CommandFailed */
  async stream(path: string, encoding: 'gzip' | 'identity' = 'identity'): Promise<Response> {
    const response = await this.send('GET', path, { headers: { 'accept-encoding': encoding } });
    if (response.ok) return response;
    throw this.refusal(response, await response.json().catch(() => undefined));
  }

  private refusal({ status }: Response, answer: unknown): CommandFailed {
    const { detail } = (answer ?? {}) as { detail?: unknown };
    return new CommandFailed(
      typeof detail === 'string' ? detail : `${this.url} does not answer like Verbatim (status ${status})`,
    );
  }

  private async send(
    method: string,
    path: string,
    { headers, ...rest }: Readonly<{ headers: Record<string, string>; body?: string; signal?: AbortSignal }>,
  ): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.key}`, ...headers },
        ...rest,
      });
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
      throw new CommandFailed(whyNoAnswer(this.url, code));
    }
  }
}

/** What OpenSSL and Node call a certificate that proves nothing to this machine. */
const UNTRUSTED = /CERT|SIGNATURE/;

/** Why there was no answer, in one line. @param code what OpenSSL, Node or the system call the trouble, where there is any */
export const whyNoAnswer = (url: string, code: unknown): string => {
  if (typeof code !== 'string' || !UNTRUSTED.test(code)) return nobodyAnswers(url);
  return (
    `The certificate of ${url} is not trusted (${code}): name the file of its authority in NODE_EXTRA_CA_CERTS, ` +
    'or say with --url a name that is in it'
  );
};

const nobodyAnswers = (url: string): string =>
  `Nobody answers at ${url}: start the server (npm start), or say with --url where it is`;

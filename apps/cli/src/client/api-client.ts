import { CommandFailed } from '../command-failed.js';

/** Milliseconds that an answer may take. A post waits up to 30 s for the event store. */
const TIMEOUT_MS = 40_000;

/** Calls the HTTP API with a key. Every failure is a CommandFailed with one line. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /**
   * Returns the body of a successful answer, or undefined for one without content.
   *
   * @throws CommandFailed
   */
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

  /**
   * Returns a successful answer whose body may take any time.
   *
   * @throws CommandFailed
   */
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

/** The codes by which OpenSSL and Node say that a certificate is not trusted here. */
const UNTRUSTED = /CERT|SIGNATURE/;

/**
 * Returns the reason why there was no answer, in one line.
 *
 * @param code the code of the failure from OpenSSL, Node or the system, if there is one
 */
export const whyNoAnswer = (url: string, code: unknown): string => {
  if (typeof code !== 'string' || !UNTRUSTED.test(code)) return nobodyAnswers(url);
  return (
    `The certificate of ${url} is not trusted (${code}): set NODE_EXTRA_CA_CERTS to the file of its certificate authority, ` +
    'or give a --url whose host name is in the certificate'
  );
};

const nobodyAnswers = (url: string): string =>
  `No answer from ${url}: start the server (npm start), or give its address with --url`;

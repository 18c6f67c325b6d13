import { request as overHttp } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { request as overHttps } from 'node:https';

export type RawRequest = Readonly<{
  method: string;
  /** Sent unchanged, including `..` and `%`, which `fetch` would normalize. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}>;
export type RawAnswer = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string }>;

/** Sends a request exactly as given. @throws Error when there is no complete answer in time */
export const rawRequest = (url: string, asked: RawRequest, timeoutMs = 10_000): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { protocol, hostname, port } = new URL(url);
    const send = protocol === 'https:' ? overHttps : overHttp;
    const { body = '' } = asked;
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const request = send({
      protocol,
      hostname,
      port,
      path: asked.path,
      method: asked.method,
      headers: { ...length, ...asked.headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.end(body);
  });

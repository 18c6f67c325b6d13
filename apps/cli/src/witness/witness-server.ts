import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { cosignNote, formatSignature } from '#libs/audit-log/note/note.js';
import { decideAddCheckpoint } from '#libs/audit-log/witness/witness-rules.js';
import type { NoteVerifier } from '#libs/audit-log/note/note-key.js';
import type { WitnessMemory } from './witness-memory.js';

/** A request has a proof of at most 63 hashes and a note with a few signatures. */
const MAX_BODY = 64 * 1024;
const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 256;

export type WitnessParts = Readonly<{
  memory: Pick<WitnessMemory, 'signer' | 'newest' | 'keep'>;
  /** The public keys of the logs that are watched. */
  keys: readonly NoteVerifier[];
  /** Returns milliseconds since 1970. */
  now(): number;
  say(line: string): void;
}>;

/** Returns a server that cosigns checkpoints: `POST …/add-checkpoint` of C2SP tlog-witness. */
export const witnessServer = (parts: WitnessParts): Server => {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      response.setHeader('content-type', 'text/plain; charset=utf-8');
      serve(request, response, parts).catch((error: unknown) => {
        parts.say(`A request failed: ${(error as Error).message}`);
        if (!response.headersSent) end(response, 500, 'The checkpoint could not be kept');
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
};

const serve = async (
  request: IncomingMessage,
  response: ServerResponse,
  parts: WitnessParts,
): Promise<void> => {
  const path = request.url?.split('?')[0] ?? '';
  if (!path.endsWith('/add-checkpoint')) return end(response, 404, 'POST …/add-checkpoint is served here');
  if (request.method !== 'POST') return end(response, 405, 'POST is needed');
  const body = await readBody(request);
  if (body === undefined) return end(response, 413, 'The request is too large');
  answer(body, response, parts);
};

/** Decides, keeps and cosigns in one go, so that no other request comes in between. */
const answer = (body: string, response: ServerResponse, { memory, keys, now, say }: WitnessParts): void => {
  const decision = decideAddCheckpoint(body, { keys, newest: (origin) => memory.newest(origin) });
  if (decision.status !== 200) {
    say(`Refused (${decision.status}): ${decision.why}`);
    if (decision.status !== 409) return end(response, decision.status, decision.why);
    response.setHeader('content-type', 'text/x.tlog.size');
    return end(response, 409, `${decision.size}`);
  }
  const { checkpoint, text } = decision;
  memory.keep(checkpoint.origin, checkpoint);
  const signature = cosignNote(text, memory.signer, BigInt(Math.floor(now() / 1_000)));
  say(`Cosigned ${checkpoint.origin}, ${checkpoint.size} leaves`);
  response.end(formatSignature(signature));
};

const end = (response: ServerResponse, status: number, text: string): void => {
  response.statusCode = status;
  response.end(`${text}\n`);
};

/** Returns the body; undefined when it is too large, and then the connection ends with the answer. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
};

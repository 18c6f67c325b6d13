import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayInit } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { AccessTrail } from '#libs/access-trail/access-trail.js';
import { AUTHENTICATOR, type Authenticator } from '#libs/platform/access/authenticator.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { Places } from '#libs/platform/limits/places.js';
import { OpenAccess } from '#libs/platform/access/open-access.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { cutConnection, endNamespace } from '#libs/platform/sockets/newest-socket.js';
import { admitPeople, answerRequests, personAt } from '#libs/platform/sockets/people-door.js';
import { RequestError } from '#libs/protocol/errors.js';
import { REPLAY_FORMATS } from '../formats/replay-format.js';
import { OpenReplays } from '../replay/open-replays.js';
import { parseReplay } from '../replay/replay.request.js';
import { Replayer } from '../replay/replayer.js';
import { SocketReplay } from './socket-replay.js';

/** How many connections one process serves at a time. */
const CONNECTIONS = { shared: 100, firsts: 100 };
const RETRY_AFTER_MS = 5_000;

const CONNECTION = new Boundary('audit.connection');
const END = new Boundary('audit.end');
const REPLAY = new Boundary('audit.replay');

/** Accepts auditors in the namespace `/audit`. */
@WebSocketGateway({ namespace: '/audit', serveClient: false, pingInterval: 10_000, pingTimeout: 8_000 })
export class AuditGateway implements OnGatewayInit<Namespace>, OnGatewayConnection<Socket> {
  private readonly access: OpenAccess;
  private readonly places = new Places(CONNECTIONS);

  constructor(
    private readonly replayer: Replayer,
    private readonly open: OpenReplays,
    private readonly trail: AccessTrail,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.access = new OpenAccess(authenticator);
  }

  afterInit(namespace: Namespace): void {
    admitPeople(namespace, this.authenticator, ({ keyId }) => this.givePlace(keyId));
  }

  handleConnection(socket: Socket): void {
    CONNECTION.run(
      () => this.serve(socket),
      () => cutConnection(socket),
    );
  }

  private givePlace(keyId: string): () => void {
    const giveBack = this.places.takePlace(keyId);
    if (giveBack) return giveBack;
    throw new RequestError(
      'rate_limited',
      'This key already has its full share of connections',
      RETRY_AFTER_MS,
    );
  }

  private serve(socket: Socket): void {
    const running = new Map<string, AbortController>();
    const abort = (): void => running.forEach((ending) => ending.abort());
    socket.on('disconnect', END.guard(abort, abort));
    const requests = {
      replay: (payload: unknown) => this.replay(socket, payload, running),
      stop: (payload: unknown) => stop(payload, running),
    };
    answerRequests(socket, requests, this.access, this.logger);
  }

  /** Starts a replay and answers with its id, which identifies its batches. */
  private async replay(
    socket: Socket,
    payload: unknown,
    running: Map<string, AbortController>,
  ): Promise<object> {
    const query = queryOf(payload);
    const { format, ...replay } = parseReplay(query);
    const person = personAt(socket);
    const { ending, leave: giveBack } = this.open.openReplay(person.keyId, replay);
    const id = randomUUID();
    running.set(id, ending);
    const leave = (): void => {
      running.delete(id);
      giveBack();
    };
    try {
      if (!socket.connected) ending.abort();
      const batches = this.replayer.replay(replay, ending.signal);
      const access = { access: id, ...person, path: '/audit replay', query };
      const parts = { socket, batches, format: REPLAY_FORMATS[format], access, trail: this.trail };
      const run = await new SocketReplay(parts, ending.signal).beginReplay();
      // The answer must be sent before the first batch.
      const begin = (): Promise<void> => run().finally(leave);
      setImmediate(
        REPLAY.guard(begin, () => {
          leave();
          endNamespace(socket);
        }),
      );
      return { replay: id };
    } catch (error) {
      leave();
      throw error;
    }
  }
}

/**
 * Returns the fields of a payload as a query string would have them: numbers and booleans become text.
 *
 * @throws RequestError `invalid_payload`
 */
const queryOf = (payload: unknown): Record<string, string> => {
  if (payload === undefined) return {};
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new RequestError('invalid_payload', 'The payload must be a JSON object');
  const fields = Object.entries(payload).map(([name, value]: [string, unknown]) => {
    if (typeof value === 'string') return [name, value] as const;
    if (typeof value === 'number' || typeof value === 'boolean') return [name, String(value)] as const;
    throw new RequestError('invalid_payload', `Field "${name.slice(0, 64)}" must be a string`);
  });
  return Object.fromEntries(fields);
};

const stop = (payload: unknown, running: ReadonlyMap<string, AbortController>): object => {
  const replay = (payload as { replay?: unknown } | null | undefined)?.replay;
  const ending = typeof replay === 'string' ? running.get(replay) : undefined;
  if (!ending) throw new RequestError('invalid_payload', 'Field "replay" must name a running replay');
  ending.abort();
  return {};
};

import { Inject } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayInit } from '@nestjs/websockets';
import { ERROR_CODES } from '#libs/protocol/errors.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { isOpenTo } from '#libs/platform/access/access-matrix.js';
import { noteRefusal } from '#libs/platform/access/refusals.js';
import { seenAddress, seenSender } from '#libs/platform/connections/seen-addresses.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { isFault, toRequestError } from '#libs/platform/errors/to-request-error.js';
import { admitNewest, cutConnection, replaceOlder } from '#libs/platform/sockets/newest-socket.js';
import { forgetRequest } from '#libs/platform/sockets/forget-request.js';
import type { Sender } from '#libs/platform/sockets/sender.js';
import { intakeOf } from '#libs/platform/sockets/engine-door.js';
import type { Intake } from '#libs/platform/sockets/intake.js';
import { UNREADABLE, requireReadable } from '#libs/platform/sockets/packets/unreadable.js';
import { unknownRequest } from '#libs/platform/sockets/unknown-request.js';
import { LOGGER } from '#libs/platform/logging/logger.js';
import type { Logger } from '#libs/platform/logging/logger.js';
import { BotLimits } from '../limits/bot-limits.js';
import type { BotNamespace, BotSocket } from '../socket/bot-socket.js';
import { Broadcast } from '../socket/broadcast.js';
import { takeRequests } from '../socket/requests.js';
import type { BotRequest } from '../socket/requests.js';
import { Connect } from './connect.js';
import type { Admission } from './connect.js';
import { CursorKeepers } from '../cursors/cursor-keepers.js';
import { Farewell } from './farewell.js';
import { Membership } from '../sessions/membership.js';
import { Sessions } from '../sessions/sessions.js';
import type { Session } from '../sessions/session.js';
import type { Verb } from '../sessions/verb.js';
import { Repeats } from '../sending/repeats.js';
import { StoppedChannels } from '../damage/stopped-channels.js';
import { AuditLogKey } from '../follow-log/audit-log-key.js';
import { PresenceRecorder } from '../presence/presence-recorder.js';

const CONNECTION = new Boundary('bots.connection');
const REQUEST = new Boundary('bots.request');
const END = new Boundary('bots.end');

/** All verbs of the wire protocol. */
export const VERBS = Symbol('verbs');

/** Lets bots connect to the namespace `/bots` of the wire protocol, and passes their requests to the verbs. */
@WebSocketGateway({ namespace: '/bots', serveClient: false, pingInterval: 10_000, pingTimeout: 8_000 })
export class BotsGateway implements OnGatewayInit<BotNamespace>, OnGatewayConnection<BotSocket> {
  private readonly verbs: ReadonlyMap<string, Verb>;
  /** Sockets that have been let in but are not connected yet. */
  private readonly admitted = new WeakMap<BotSocket, Admission & { abandon: () => void }>();

  constructor(
    private readonly connect: Connect,
    private readonly sessions: Sessions,
    private readonly keepers: CursorKeepers,
    private readonly membership: Membership,
    private readonly broadcast: Broadcast,
    private readonly farewell: Farewell,
    private readonly presence: PresenceRecorder,
    private readonly auditLog: AuditLogKey,
    private readonly limits: BotLimits,
    private readonly repeats: Repeats,
    private readonly stopped: StoppedChannels,
    @Inject(VERBS) verbs: readonly Verb[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.verbs = new Map(verbs.map((verb) => [verb.name, verb]));
  }

  afterInit(namespace: BotNamespace): void {
    this.broadcast.into(namespace);
    admitNewest<BotSocket>(namespace, (socket) => this.admit(socket), refusalOf);
  }

  handleConnection(socket: BotSocket): void {
    CONNECTION.run(
      () => this.beginSession(socket),
      () => cutConnection(socket),
    );
  }

  private beginSession(socket: BotSocket): void {
    const { session, starts, abandon } = this.admitted.get(socket)!;
    this.admitted.delete(socket);
    socket.conn.off('close', abandon);
    const intake = intakeOf(socket.conn);
    const sender: Sender = {
      ...this.limits.senderFor(session),
      earlierAnswerTo: (...packet) => this.repeats.ofPacket(session.bot, ...packet),
    };
    const address = seenAddress(socket.conn);
    intake?.enter(socket.nsp.name, sender);
    const fail = (): void => session.fail();
    takeRequests(socket, (request) =>
      REQUEST.run(() => this.answer(session, socket, request, address, intake), fail),
    );
    socket.on('disconnect', (reason) => {
      END.run(() => intake?.leave(socket.nsp.name, sender));
      this.leave(session, reason);
    });
    session.beginSession(socket, starts, { limits: this.limits.told, auditLog: this.auditLog.told });
    // The newer connection is recorded first, so that the log never says that a bot went while it is connected all the
    // time.
    this.presence.connected(session);
    const older = this.sessions.addSession(session);
    if (replaceOlder(socket)) session.tellReplaced();
    older?.supersede();
    forgetRequest(socket);
    this.membership.syncSession(session);
    this.stopped.greet(session);
  }

  /**
   * Lets a socket in, or throws the refusal. Returns a function that releases the cursors if the socket never connects.
   */
  private async admit(socket: BotSocket): Promise<() => void> {
    this.farewell.requireStaying();
    const admission = await this.connect.admit(socket.handshake.auth, seenSender(socket.conn));
    // A client that hangs up now never reaches `connection`, so nothing else would release its cursors.
    const abandon = (): void => {
      socket.conn.off('close', abandon);
      if (this.admitted.delete(socket)) this.release(admission.session);
    };
    this.admitted.set(socket, { ...admission, abandon });
    if (socket.conn.readyState === 'closed') abandon();
    else socket.conn.once('close', abandon);
    return abandon;
  }

  private leave(session: Session, reason: string): void {
    // Each step is guarded on its own, because whatever a step leaves behind stays as long as the process runs.
    END.run(() => session.endSession());
    END.run(() => this.presence.disconnected(session, session.reasonOfEnd(reason)));
    END.run(() => this.sessions.remove(session));
    this.release(session);
  }

  private release(session: Session): void {
    END.run(() => this.keepers.release(session.bot, session.consumer));
  }

  /** Answers a request, even one for an unknown verb. A refusal never closes the socket. */
  private async answer(
    session: Session,
    socket: BotSocket,
    { name, payload, id }: BotRequest,
    address: string,
    intake: Pick<Intake, 'answered'> | undefined,
  ): Promise<void> {
    const reply = (answer: object): void => {
      if (id !== undefined) this.broadcast.sendAnswer(socket, id, answer);
    };
    const answered = session.requests.beginRequest();
    try {
      session.requireOpen();
      const verb = this.verb(name, payload);
      requireReadable(payload);
      const { answer, afterwards } = await verb.handle(session, payload);
      reply({ ok: true, ...answer });
      afterwards?.();
    } catch (error) {
      const refusal = toRequestError(error);
      noteRefusal({ code: refusal.code, route: `/bots ${name}`, role: 'bot', keyId: session.keyId, address });
      if (isFault(refusal))
        this.logger.error({ err: error, verb: name, bot: session.bot }, 'A request failed');
      reply({ ok: false, error: refusal.toWire() });
    } finally {
      answered();
      intake?.answered();
    }
  }

  private verb(name: string, payload: unknown): Verb {
    if (name === UNREADABLE) requireReadable(payload);
    const verb = this.verbs.get(name);
    if (verb && isOpenTo('bot', `/bots ${name}`)) return verb;
    throw unknownRequest(name);
  }
}

/**
 * Returns the error for a client that is refused. When the client should try again, closes the connection instead and
 * returns undefined: Socket.IO's clients take a refusal as final, but reconnect by themselves after a lost connection.
 */
const refusalOf = (error: unknown, socket: BotSocket): Error | undefined => {
  const refusal = toRequestError(error);
  if (error instanceof StoreUnavailable || ERROR_CODES[refusal.code].status >= 500) {
    cutConnection(socket);
    return undefined;
  }
  return Object.assign(new Error(refusal.message), { data: refusal.toWire() });
};

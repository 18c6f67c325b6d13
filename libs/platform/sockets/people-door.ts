import type { Namespace, Socket } from 'socket.io';
import { credentialIn } from '#libs/protocol/requests/handshake.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Authenticator } from '../access/authenticator.js';
import { Boundary } from '../faults/boundary.js';
import { isOpenTo, ruleOf } from '../access/access-matrix.js';
import { noteRefusal } from '../access/refusals.js';
import { seenAddress, seenSender } from '../connections/seen-addresses.js';
import type { OpenAccess } from '../access/open-access.js';
import { isFault, toRequestError } from '../errors/to-request-error.js';
import type { Logger } from '../logging/logger.js';
import { admitNewest, cutConnection, endNamespace, replaceOlder } from './newest-socket.js';
import { Allowances } from '../limits/allowances.js';
import { intakeOf } from './engine-door.js';
import type { Sender } from './sender.js';
import { UNREADABLE, requireReadable } from './packets/unreadable.js';
import { unknownRequest } from './unknown-request.js';

const REQUEST = new Boundary('people.request');
const END = new Boundary('people.end');

/** An admin or auditor at the other end of a socket. */
export type Person = Readonly<{ role: 'admin' | 'auditor'; keyId: string }>;

/** The requests that a socket may send, by name. Answers go out with `ok: true`. */
export type Requests = Readonly<Record<string, (payload: unknown) => object | Promise<object>>>;

/**
 * Gives a place to somebody who is let in, and returns a function that gives it back.
 * @throws RequestError when there is none
 */
export type GivePlace = (person: Person) => () => void;

/**
 * Lets people into a namespace by `auth: {key}`, if the access matrix admits their role and there is a place for them.
 * Anybody else gets a `connect_error`. A place is held until the connection is lost, or its session in the namespace
 * ends.
 */
export const admitPeople = (
  namespace: Namespace,
  authenticator: Authenticator,
  givePlace: GivePlace,
): void => {
  const letIn = async (socket: Socket): Promise<() => void> => {
    const person = await personOf(socket, authenticator);
    (socket.data as { person: Person }).person = person;
    return holdPlace(socket, givePlace(person));
  };
  admitNewest(namespace, letIn, (error) => {
    const refusal = toRequestError(error);
    return Object.assign(new Error(refusal.message), { data: refusal.toWire() });
  });
};

/** @returns a function that gives the place back if the socket never gets connected */
const holdPlace = (socket: Socket, giveBack: () => void): (() => void) => {
  const { conn } = socket;
  const leave = END.guard(() => {
    conn.off('close', leave);
    giveBack();
  }, giveBack);
  socket.on('disconnect', leave);
  // A client that hangs up before it is connected is never disconnected.
  if (conn.readyState === 'closed') giveBack();
  else conn.once('close', leave);
  return leave;
};

/** Returns the person whom {@link admitPeople} let in. */
export const personAt = (socket: Socket): Person => (socket.data as { person: Person }).person;

/**
 * Answers every request, known or not. A refusal never closes the socket. The socket is closed when its key is
 * withdrawn, and each request checks that too.
 */
export const answerRequests = (
  socket: Socket,
  requests: Requests,
  open: OpenAccess,
  logger: Logger,
): void => {
  const intake = intakeOf(socket.conn);
  const sender = senderAt(socket);
  intake?.enter(socket.nsp.name, sender);
  socket.on(
    'disconnect',
    END.guard(() => intake?.leave(socket.nsp.name, sender)),
  );
  replaceOlder(socket);
  const key = credentialIn(socket.handshake.auth)!;
  const release = open.closeOnWithdrawal(key, () => withdraw(socket));
  socket.on('disconnect', END.guard(release));
  const at = { namespace: socket.nsp.name, ...personAt(socket), address: seenAddress(socket.conn) };
  const meet = (name: string, payload: unknown): object | Promise<object> => {
    const door = `${socket.nsp.name} ${name}`;
    if (!Object.hasOwn(requests, name) || !ruleOf(door)) throw unknownRequest(name);
    if (!open.isStillValid(key)) throw new RequestError('unauthenticated', NOT_VALID);
    const { role } = personAt(socket);
    if (!isOpenTo(role, door)) throw new RequestError('forbidden', `This is not for ${role} keys`);
    requireReadable(payload);
    return requests[name]!(payload);
  };
  socket.use(([name, ...args]) =>
    REQUEST.run(
      () => answer({ name, args, meet, logger, at }).finally(() => intake?.answered()),
      () => cutConnection(socket),
    ),
  );
};

const NOT_VALID = 'This key is not valid any more';

/** Ends the session that the key opened. Other sessions on the same connection have keys of their own. */
const withdraw = (socket: Socket): void => {
  socket.emit('notice', { code: 'access_withdrawn', message: NOT_VALID });
  endNamespace(socket);
};

/**
 * The allowances of people's keys. Their requests are never refused because of their number; they are only read no
 * faster than this, over all connections of a key.
 */
const PACES = new Allowances({ rate: 100, burst: 400 });

const senderAt = (socket: Socket): Sender => ({
  allowance: PACES.allowanceOf(personAt(socket).keyId),
  refusalOf: () => undefined,
  dismiss: () => {
    socket.emit('notice', { code: 'rate_limited', message: 'This key keeps sending too many requests' });
    socket.disconnect(true);
  },
});

/** @throws RequestError `unauthenticated`, `forbidden` */
const personOf = async ({ conn, handshake, nsp }: Socket, authenticator: Authenticator): Promise<Person> => {
  const key = credentialIn(handshake.auth);
  const caller =
    key !== undefined
      ? (authenticator.authenticate(key) ?? (await authenticator.authenticateNew?.(key, seenSender(conn))))
      : undefined;
  if (!caller) throw new RequestError('unauthenticated', 'A valid key is needed: connect with auth {key}');
  if (caller.role === 'bot' || !isOpenTo(caller.role, `CONNECT ${nsp.name}`))
    throw new RequestError('forbidden', `This is not for ${caller.role} keys`);
  return { role: caller.role, keyId: caller.keyId };
};

type Asked = Readonly<{
  name: string;
  args: readonly unknown[];
  meet: (name: string, payload: unknown) => object | Promise<object>;
  logger: Logger;
  at: Person & Readonly<{ namespace: string; address: string }>;
}>;

const answer = async ({ name, args, meet, logger, at }: Asked): Promise<void> => {
  const last = args.at(-1);
  const reply = typeof last === 'function' ? (last as (given: object) => void) : () => undefined;
  const payload = typeof last === 'function' && args.length === 1 ? undefined : args[0];
  try {
    if (name === UNREADABLE) requireReadable(payload);
    reply({ ok: true, ...(await meet(name, payload)) });
  } catch (error) {
    const refusal = toRequestError(error);
    const { namespace, ...who } = at;
    // Callers could make up endless names. An unknown name is refused with `unknown_event` first, and that code is not
    // counted.
    noteRefusal({ code: refusal.code, route: `${namespace} ${name}`, ...who });
    if (isFault(refusal))
      logger.error({ component: 'sockets', err: error, request: name }, 'A request failed');
    reply({ ok: false, error: refusal.toWire() });
  }
};

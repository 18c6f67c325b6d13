import { Inject } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayInit } from '@nestjs/websockets';
import type { Namespace } from 'socket.io';
import { AccessTrail } from '#libs/access-trail/access-trail.js';
import { AUTHENTICATOR, type Authenticator } from '#libs/platform/access/authenticator.js';
import { Boundary } from '#libs/platform/faults/boundary.js';
import { OpenAccess } from '#libs/platform/access/open-access.js';
import { LOGGER, type Logger } from '#libs/platform/logging/logger.js';
import { cutConnection, endNamespace } from '#libs/platform/sockets/newest-socket.js';
import { admitPeople, answerRequests } from '#libs/platform/sockets/people-door.js';
import { LiveFeed } from './live-feed.js';
import { Watcher } from './watcher.js';
import type { LiveSocket } from './watcher.js';

const CONNECTION = new Boundary('admin.connection');
const END = new Boundary('admin.end');

/** Accepts consoles in the namespace `/admin`. The log records who watched, and how much was shown. */
@WebSocketGateway({ namespace: '/admin', serveClient: false, pingInterval: 10_000, pingTimeout: 8_000 })
export class LiveGateway implements OnGatewayInit<Namespace>, OnGatewayConnection<LiveSocket> {
  private readonly access: OpenAccess;

  constructor(
    private readonly feed: LiveFeed,
    private readonly trail: AccessTrail,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.access = new OpenAccess(authenticator);
  }

  afterInit(namespace: Namespace): void {
    admitPeople(namespace, this.authenticator, ({ keyId }) => this.feed.admitWatcher(keyId));
  }

  handleConnection(socket: LiveSocket): void {
    CONNECTION.run(
      () => this.serve(socket),
      () => cutConnection(socket),
    );
  }

  private serve(socket: LiveSocket): void {
    answerRequests(socket, {}, this.access, this.logger);
    const watcher = new Watcher(socket);
    const began = this.trail.record(watcher.accessAs('begun'));
    const leave = (): void => this.feed.removeWatcher(watcher);
    const end = (): void => {
      leave();
      began
        .then(() => this.trail.record(watcher.accessAs('done')))
        .catch((err: unknown) => this.logFault(err));
    };
    socket.on('disconnect', END.guard(end, leave));
    began
      .then(() => watcher.isReady && this.feed.addWatcher(watcher))
      .catch((err: unknown) => {
        this.logFault(err);
        endNamespace(socket);
      });
  }

  private logFault(err: unknown): void {
    this.logger.error({ component: 'live', err }, 'A console could not be served');
  }
}

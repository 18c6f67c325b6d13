import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:tls';
import type { Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import type { Express, NextFunction, Request, Response } from 'express';
import type { ConnectionLimits } from '../connections/guard-connections.js';
import { guardConnections, oneAtATime } from '../connections/guard-connections.js';
import { rememberAddress } from '../connections/seen-addresses.js';
import { trustIn } from '../connections/client-address.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { AUTHENTICATOR, type Authenticator } from '../access/authenticator.js';
import { ACCESS_MATRIX, type Matrix } from '../access/access-matrix.js';
import { Boundary } from '../faults/boundary.js';
import type { Logger } from '../logging/logger.js';
import { NestLogger } from '../logging/nest-logger.js';
import { LeanSocketAdapter } from '../sockets/lean-socket-adapter.js';
import { TLS_OPTIONS, renewTls } from './renew-tls.js';
import { readTlsPair } from '../tls/tls-pair.js';
import type { TlsFiles } from '../tls/tls-pair.js';
import { PeopleLimits } from './people-limits.js';
import { corsOf, refusePages } from '../origins/origins.js';
import { AccessGuard } from './access.guard.js';
import { BodyGuard } from './body.guard.js';
import { describe } from './documentation.js';
import { PlainRequest, refuseAmbiguous, refuseUnreadable } from './plain-requests.js';
import { securityHeaders } from './security-headers.js';
import { ProblemFilter } from './problem.filter.js';

const STREAM = new Boundary('http.stream');

/** Addresses outside the versioned API. */
const UNVERSIONED = ['health/live', 'health/ready', 'metrics', 'console', 'console/*path'];

/**
 * Extends Nest's handling of unknown addresses and stray errors to the whole site. Nest handles only those below the
 * prefix, and elsewhere Express would answer, in HTML.
 */
class WholeSiteAdapter extends ExpressAdapter {
  /**
   * Makes Express accept one spelling of each address, so that nobody gets around a proxy's rules with another
   * spelling.
   */
  constructor(private readonly tls: TlsFiles | undefined) {
    const site = express();
    site.set('case sensitive routing', true).set('strict routing', true);
    super(site);
  }

  override initHttpServer(): void {
    const site = this.getInstance<Express>();
    const plain = { IncomingMessage: PlainRequest };
    this.httpServer = this.tls
      ? createTlsServer({ ...plain, ...TLS_OPTIONS, ...readTlsPair(this.tls) }, site)
      : createServer(plain, site);
  }

  override setNotFoundHandler(handler: (...args: unknown[]) => unknown): unknown {
    return super.setNotFoundHandler(handler);
  }

  override setErrorHandler(handler: (...args: unknown[]) => unknown): unknown {
    return super.setErrorHandler(handler);
  }
}

/**
 * Makes every HTTP application from its module: prefix `/v1`, deny by default, problem documents, body limit, OpenAPI
 * at `/docs`. The application does not listen yet and handles no signals: whoever makes it listen stops it with
 * `close()`. With `tls` it speaks only TLS, and reloads the files when they change. It takes an {@link AUTHENTICATOR}
 * from the module; without one, only routes that are open to anybody answer.
 */
export const createHttpApp = async (
  module: Type | DynamicModule,
  logger: Logger,
  matrix: Matrix = ACCESS_MATRIX,
  tls?: TlsFiles,
): Promise<NestExpressApplication> => {
  const app = await NestFactory.create<NestExpressApplication>(module, new WholeSiteAdapter(tls), {
    logger: new NestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.setGlobalPrefix('v1', { exclude: UNVERSIONED });
  const settings = app.get<Settings>(SETTINGS, { strict: false });
  const { origins } = settings;
  const limits = connectionLimitsOf(settings);
  guardConnections(app.getHttpServer(), limits);
  if (tls) renewTls(app.getHttpServer() as unknown as TlsServer, tls, logger);
  app.use(rememberSender(limits));
  letBodiesWait(app.getHttpServer());
  app.use(oneAtATime);
  app.use(containErrors);
  app.use(securityHeaders);
  app.use(refuseAmbiguous);
  app.use(refuseUnreadable);
  app.use(refusePages(origins));
  if (origins.length > 0) app.enableCors(corsOf(origins));
  app.useWebSocketAdapter(new LeanSocketAdapter(app, limits, origins));
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalGuards(accessGuardOf(app, matrix), new BodyGuard());
  describe(app, matrix);
  return app;
};

const accessGuardOf = (app: NestExpressApplication, matrix: Matrix): AccessGuard => {
  const { perSecond, burst } = app.get<Settings>(SETTINGS, { strict: false }).people;
  return new AccessGuard(authenticatorOf(app), new PeopleLimits({ rate: perSecond, burst }), matrix);
};

const connectionLimitsOf = ({ strangers }: Settings): ConnectionLimits => ({
  strangers: strangers.inAll,
  strangersEach: strangers.perAddress,
  isTrusted: trustIn(strangers.proxies),
});

const rememberSender =
  ({ isTrusted }: ConnectionLimits) =>
  (request: Request, _: Response, next: NextFunction): void => {
    rememberAddress(request, request, isTrusted);
    next();
  };

/**
 * Leaves `Expect: 100-continue` to the reader of the body. Node would ask the client for the body before it hands on
 * the request; here the body is asked for after the key was checked. Engine.IO, outside the API, checks no key, so its
 * clients are asked at once.
 */
const letBodiesWait = (server: Server): void => {
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    if (!request.url?.startsWith('/v1/')) response.writeContinue();
    server.emit('request', request, response);
  };
  server.on(
    'checkContinue',
    STREAM.guard(receive, () => undefined),
  );
};

/**
 * Handles the `error` of a stream, which would otherwise end the process. The owner of the stream learns about it from
 * its `close`.
 */
const containErrors = (request: Request, response: Response, next: NextFunction): void => {
  request.on('error', hungUp);
  response.on('error', (error) => STREAM.caught(error, () => response.destroy()));
  next();
};

/** Ignores the error: a client that breaks off an upload is no fault of ours. */
const hungUp = (): void => undefined;

const authenticatorOf = (app: NestExpressApplication): Authenticator | undefined => {
  try {
    return app.get<Authenticator>(AUTHENTICATOR, { strict: false });
  } catch {
    return undefined;
  }
};

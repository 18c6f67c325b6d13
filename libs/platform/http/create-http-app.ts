import type { Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { ASYNCAPI } from '#libs/protocol/asyncapi/document.js';
import type { ConnectionLimits } from '../connections/guard-connections.js';
import { guardConnections, oneAtATime } from '../connections/guard-connections.js';
import { rememberAddress } from '../connections/seen-addresses.js';
import { trustIn } from '../connections/client-address.js';
import { SETTINGS, type Settings } from '../config/settings.js';
import { AUTHENTICATOR, type Authenticator } from '../access/authenticator.js';
import { ACCESS_MATRIX, type Matrix } from '../access/access-matrix.js';
import { toRequestError } from '../errors/to-request-error.js';
import { Boundary } from '../faults/boundary.js';
import type { Logger } from '../logging/logger.js';
import { NestLogger } from '../logging/nest-logger.js';
import { LeanSocketAdapter } from '../sockets/lean-socket-adapter.js';
import { PeopleLimits } from '../limits/people-limits.js';
import { AccessGuard } from './access.guard.js';
import { withKeys } from './openapi-keys.js';
import { ProblemFilter } from './problem.filter.js';

/**
 * Largest body that is read, in bytes. Far above what the rules allow a message, so that one which is too large gets
 * the answer of our rules. Beyond this the answer is 413 as well.
 */
const BODY_LIMIT = 64 * 1024;

const STREAM = new Boundary('http.stream');

/** Addresses of their own beside the versioned API. */
const UNVERSIONED = ['health/live', 'health/ready', 'metrics', 'console', 'console/*path'];

/** Nest answers unknown addresses and stray errors below the prefix only; elsewhere Express would, in HTML. */
class WholeSiteAdapter extends ExpressAdapter {
  override setNotFoundHandler(handler: (...args: unknown[]) => unknown): unknown {
    return super.setNotFoundHandler(handler);
  }

  override setErrorHandler(handler: (...args: unknown[]) => unknown): unknown {
    return super.setErrorHandler(handler);
  }
}

/**
 * The one place where an HTTP application is made from a module: prefix `/v1`, deny by default, problem documents,
 * body limit, OpenAPI at `/docs`. It does not listen yet and takes no signals: whoever listens stops it by `close()`.
 * An {@link AUTHENTICATOR} is taken from the module; without one, only what is open to anybody answers.
 */
export const createHttpApp = async (
  module: Type | DynamicModule,
  logger: Logger,
  matrix: Matrix = ACCESS_MATRIX,
): Promise<NestExpressApplication> => {
  const app = await NestFactory.create<NestExpressApplication>(module, new WholeSiteAdapter(), {
    logger: new NestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.setGlobalPrefix('v1', { exclude: UNVERSIONED });
  const limits = connectionLimitsOf(app.get<Settings>(SETTINGS, { strict: false }));
  guardConnections(app.getHttpServer(), limits);
  app.use(rememberSender(limits));
  app.use(oneAtATime);
  app.use(containErrors);
  app.use(securityHeaders);
  app.useWebSocketAdapter(new LeanSocketAdapter(app, limits));
  // Not strict: a text or null is JSON too, which the rules refuse as what it is.
  app.useBodyParser('json', { limit: BODY_LIMIT, strict: false });
  app.use(refuseBody);
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalGuards(accessGuardOf(app, matrix));
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

/** A stream's `error` that nobody listens to would end the process; whose it is hears of it by its `close`. */
const containErrors = (request: Request, response: Response, next: NextFunction): void => {
  request.on('error', hungUp);
  response.on('error', (error) => STREAM.caught(error, () => response.destroy()));
  next();
};

/** A client that breaks off an upload is no fault of ours. */
const hungUp = (): void => undefined;

const securityHeaders = (_: Request, response: Response, next: NextFunction): void => {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  next();
};

/**
 * Turns the body parser's errors into ours before Nest does: it would keep the parser's text. Express knows an error
 * handler by its four parameters.
 */
const refuseBody = (error: unknown, _: Request, __: Response, next: NextFunction): void => {
  next(toRequestError(error));
};

const authenticatorOf = (app: NestExpressApplication): Authenticator | undefined => {
  try {
    return app.get<Authenticator>(AUTHENTICATOR, { strict: false });
  } catch {
    return undefined;
  }
};

/**
 * OpenAPI for people at `/docs`, for machines at `/docs/openapi.json`; what goes over Socket.IO at `/docs/asyncapi.json`.
 * Nothing entered there is kept.
 */
const describe = (app: NestExpressApplication, matrix: Matrix): void => {
  const info = new DocumentBuilder()
    .setTitle('Verbatim')
    .setDescription('Event-sourced messaging for bots. Errors are RFC 9457 problem documents with a `code`.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .build();
  app.use('/docs/asyncapi.json', (_: Request, response: Response) => void response.json(ASYNCAPI));
  SwaggerModule.setup('docs', app, () => withKeys(SwaggerModule.createDocument(app, info), matrix), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    swaggerOptions: { persistAuthorization: false },
    customSiteTitle: 'Verbatim API',
  });
};

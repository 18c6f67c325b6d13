import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { ASYNCAPI } from '#libs/protocol/asyncapi/document.js';
import { RequestError } from '#libs/protocol/errors.js';
import type { Matrix } from '../access/access-matrix.js';
import { withKeys } from './openapi-keys.js';

/** Matches the files that Swagger's page needs. The others in its folder reveal versions. */
const FILES =
  /^\/(?:(?:index\.html|swagger-ui[\w.-]*\.(?:js|css)|favicon-[\dx]+\.png|openapi\.(?:json|yaml))?)$/;

/**
 * Serves OpenAPI for people at `/docs` and for machines at `/docs/openapi.json`, and the description of Socket.IO at
 * `/docs/asyncapi.json`. The page keeps nothing that is entered there.
 */
export const describe = (app: NestExpressApplication, matrix: Matrix): void => {
  const info = new DocumentBuilder()
    .setTitle('Verbatim')
    .setDescription('Event-sourced messaging for bots. Errors are RFC 9457 problem documents with a `code`.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .build();
  app.use('/docs/asyncapi.json', (_: Request, response: Response) => void response.json(ASYNCAPI));
  app.use('/docs', ({ path }: Request, _: Response, next: NextFunction) => {
    if (FILES.test(path)) next();
    else next(new RequestError('not_found', 'There is nothing at this address'));
  });
  SwaggerModule.setup('docs', app, () => withKeys(SwaggerModule.createDocument(app, info), matrix), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    swaggerOptions: { persistAuthorization: false },
    customSiteTitle: 'Verbatim API',
  });
};

import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Nothing an answer of the API says is a page: a browser that is made to show it loads, runs and frames nothing. */
const API = { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"] };

/** Swagger's page: its own scripts, styles that it writes into the page, and pictures that it has in its styles. */
const DOCS = {
  ...API,
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
};

/** @param directives of the content security policy; to be framed is never among them */
const headersWith = (directives: Readonly<Record<string, string[]>>): Middleware =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { ...directives, 'frame-ancestors': ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // It would hold for all ports of a host, localhost too: whoever ends TLS for a name decides about that.
    strictTransportSecurity: false,
  });

const ofApi = headersWith(API);
const ofDocs = headersWith(DOCS);

/**
 * What browsers are told of every answer, and that nobody keeps it: a route whose answers may be kept by whoever asked
 * says so itself.
 */
export const securityHeaders: Middleware = (request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  const headers = /^\/docs(?:[/?]|$)/.test(request.url ?? '') ? ofDocs : ofApi;
  headers(request, response, next);
};

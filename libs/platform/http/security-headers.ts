import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * The policy for answers of the API, none of which is a page. A browser that is tricked into showing one loads, runs
 * and frames nothing.
 */
const API = { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"] };

/**
 * The policy for Swagger's page: its own scripts, the styles that it writes into the page, and the pictures in its
 * styles.
 */
const DOCS = {
  ...API,
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
};

/** @param directives of the content security policy; framing is always forbidden */
const headersWith = (directives: Readonly<Record<string, string[]>>): Middleware =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { ...directives, 'frame-ancestors': ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // HSTS would hold for all ports of a host, also of localhost. Whoever ends TLS for a name decides about that.
    strictTransportSecurity: false,
  });

const ofApi = headersWith(API);
const ofDocs = headersWith(DOCS);

/**
 * Sets the security headers of every answer, and forbids storing it. A route whose answers the client may store sets
 * its own `Cache-Control`.
 */
export const securityHeaders: Middleware = (request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  const headers = /^\/docs(?:[/?]|$)/.test(request.url ?? '') ? ofDocs : ofApi;
  headers(request, response, next);
};

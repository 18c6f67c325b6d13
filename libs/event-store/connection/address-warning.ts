type EmitWarning = typeof process.emitWarning;

/** "Setting the TLS ServerName to an IP address is not permitted by RFC 6066" (https://nodejs.org/api/deprecations.html). */
const ADDRESS_AS_SERVER_NAME = 'DEP0123';

let quiet = false;

/**
 * Keeps one warning of Node from being printed, and no other: gRPC gives every host as the server's name to TLS, also one
 * that is an address, and an operator can do nothing about it. Certificates are checked against the address all the same.
 */
export const silenceAddressWarning = (): void => {
  if (quiet) return;
  quiet = true;
  process.emitWarning = withoutAddressWarning(process.emitWarning.bind(process));
};

export const withoutAddressWarning =
  (emit: EmitWarning): EmitWarning =>
  (...args: unknown[]) => {
    if (codeOf(args) !== ADDRESS_AS_SERVER_NAME) (emit as (...all: unknown[]) => void)(...args);
  };

/** `(warning, type, code)` or `(warning, { code })`; a warning may be an error with a code of its own. */
const codeOf = ([warning, typeOrOptions, code]: unknown[]): unknown =>
  code ?? property(typeOrOptions, 'code') ?? property(warning, 'code');

const property = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;

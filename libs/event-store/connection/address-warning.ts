type EmitWarning = typeof process.emitWarning;

/**
 * Code of "Setting the TLS ServerName to an IP address is not permitted by RFC 6066"
 * (https://nodejs.org/api/deprecations.html).
 */
const ADDRESS_AS_SERVER_NAME = 'DEP0123';

let quiet = false;

/**
 * Suppresses one warning of Node and no other. gRPC passes every host to TLS as the server's name, even an IP address,
 * and an operator can do nothing about it. Certificates are still checked against the address.
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

/**
 * Returns the code of a warning. The arguments are `(warning, type, code)` or `(warning, { code })`; a warning may be
 * an error with its own code.
 */
const codeOf = ([warning, typeOrOptions, code]: unknown[]): unknown =>
  code ?? property(typeOrOptions, 'code') ?? property(warning, 'code');

const property = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Settings } from '#libs/platform/config/settings.js';
import { StartRefused } from './start-refused.js';

/**
 * Checks that the address is free, before anything is started.
 *
 * @throws StartRefused
 */
export const checkAddressIsFree = async (http: Settings['http']): Promise<void> => {
  const probe = createServer();
  try {
    await once(probe.listen(http.port, http.host), 'listening');
    await new Promise((resolve) => probe.close(resolve));
  } catch (error) {
    throw cannotListen(http, error);
  }
};

/** Explains to the operator why the process can't listen. */
export const cannotListen = ({ host, port }: Settings['http'], error: unknown): StartRefused => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new StartRefused(
      `Port ${port} on ${host} is in use: stop what uses it, or set VERBATIM_PORT to another port`,
    );
  }
  return new StartRefused(
    `Can't listen on port ${port} of ${host} (${code ?? message}): check VERBATIM_PORT and VERBATIM_HOST`,
  );
};

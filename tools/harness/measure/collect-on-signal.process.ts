import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a server before its own code (`--import`). On SIGUSR2 the server collects its garbage and compacts its heap, so
 * that the memory it really holds can be measured.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
process.on('SIGUSR2', () => {
  setFlagsFromString('--compact-on-every-full-gc');
  collect();
  collect();
  setFlagsFromString('--no-compact-on-every-full-gc');
});

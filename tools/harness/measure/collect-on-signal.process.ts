import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a server ahead of it (`--import`): SIGUSR2 has it collect its garbage and close the gaps that it leaves,
 * so that what it holds can be told from that.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
process.on('SIGUSR2', () => {
  setFlagsFromString('--compact-on-every-full-gc');
  collect();
  collect();
  setFlagsFromString('--no-compact-on-every-full-gc');
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Has V8 collect what nothing refers to. What was made in the same turn of the event loop may be spared. */
export const collectGarbage = runInNewContext('gc') as () => void;

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Makes V8 collect what nothing refers to. It may spare what was made in the same turn of the event loop. */
export const collectGarbage = runInNewContext('gc') as () => void;

import type { Request } from 'express';
import type { Caller } from '../access/caller.js';

/** A request whose caller the access guard has found out. */
export type CallerRequest = Request & { caller?: Caller };

import type { Request } from 'express';
import type { Caller } from '../access/caller.js';

/** A request whose caller the access guard has identified. */
export type CallerRequest = Request & { caller?: Caller };

/** All verbs of the wire protocol, gathered for the gateway. */
export const VERBS = Symbol('verbs');

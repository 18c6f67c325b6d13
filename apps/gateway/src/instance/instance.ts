/**
 * Names this run of the process in the events that it writes. The node's name is not enough, because two gateways may
 * share it and a process may be restarted.
 */
export const INSTANCE = Symbol('instance');

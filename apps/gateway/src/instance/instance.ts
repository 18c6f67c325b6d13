/** Names this run of this process in the events it writes: two gateways may share a node's name, and a run ends. */
export const INSTANCE = Symbol('instance');

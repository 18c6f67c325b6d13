/**
 * Settings of the server. It is small, reachable from this machine only, and as durable as disposable read
 * models need.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '50',
  // Rows and their checkpoint commit together, so whatever a crash undoes is applied again from the log.
  synchronous_commit: 'off',
  // There are never replicas.
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Saves three helper processes, which matters on a small machine.
  io_method: 'sync',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

export const serverArguments = (pgdata: string, port: number): string[] => [
  '-D',
  pgdata,
  '-p',
  String(port),
  ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

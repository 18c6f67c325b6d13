import { Channel } from '@grpc/grpc-js';
import type { ConnectionSettings } from './connection-settings.js';
import { endpointText } from './endpoint.js';
import type { Endpoint } from './endpoint.js';

/** Largest message in bytes. The store sends events of up to 16 MiB that other writers have appended. */
const MAX_MESSAGE = 17 * 1024 * 1024;
/** The longest time that Node's timers can wait. */
const NEVER_MS = 2_147_483_647;

/**
 * Creates a channel to one member, which connects when first used. Another channel to the same member does not share
 * its failures.
 */
export const storeChannel = (settings: ConnectionSettings, endpoint: Endpoint): Channel => {
  const { certifiedName } = endpoint;
  return new Channel(endpointText(endpoint), settings.security, {
    'grpc.keepalive_time_ms': Math.min(settings.keepAliveIntervalMs, NEVER_MS),
    'grpc.keepalive_timeout_ms': Math.min(settings.keepAliveTimeoutMs, NEVER_MS),
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': settings.discoveryIntervalMs,
    'grpc.max_reconnect_backoff_ms': 5 * settings.discoveryIntervalMs,
    ...(certifiedName && {
      'grpc.ssl_target_name_override': certifiedName,
      'grpc.default_authority': `${certifiedName}:${endpoint.port}`,
    }),
  });
};

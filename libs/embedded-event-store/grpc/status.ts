/** The gRPC status codes that this server uses (https://grpc.io/docs/guides/status-codes/). */
export const STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
} as const;

export type StatusCode = (typeof STATUS)[keyof typeof STATUS];

/** Ends a call without success: a status, and trailers with more details. */
export class RpcError extends Error {
  override name = 'RpcError';

  constructor(
    readonly code: StatusCode,
    readonly details: string,
    readonly trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
  }
}

/** Turns any error into one that can be sent. */
export const toRpcError = (error: unknown): RpcError =>
  error instanceof RpcError ? error : new RpcError(STATUS.UNKNOWN, (error as Error).message);

/** Returns the trailers of an error. Text beyond ASCII is percent-encoded in the message and replaced elsewhere. */
export const trailersOf = (error: RpcError): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(error.trailers).map(([key, value]) => [key, ascii(value)])),
  'grpc-status': String(error.code),
  'grpc-message': percentEncode(error.details),
});

const ascii = (value: string): string => value.replaceAll(/[^ -~]/gu, '?');

const percentEncode = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCodePoint(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

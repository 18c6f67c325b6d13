import { GrpcServer } from '../../../libs/embedded-event-store/grpc/grpc-server.js';
import { readRequest } from '../../../libs/embedded-event-store/protocol/read-request.js';
import {
  confirmationFrame,
  readEventFrame,
} from '../../../libs/embedded-event-store/protocol/read-responses.js';
import { serverFeaturesService } from '../../../libs/embedded-event-store/server-features.service.js';
import { encodeRecord, recordSize } from '#libs/embedded-event-store/record/record.js';

const [events = '100000', bytes = '500'] = process.argv.slice(2);

/** Shows what reads cost without a store: the encoded answers lie in memory. */
const frames = Array.from({ length: Number(events) }, (_, revision) => {
  const event = {
    id: Buffer.alloc(16, revision & 0xff),
    type: 'Measured',
    isJson: true,
    data: Buffer.from(JSON.stringify({ text: 'x'.repeat(Number(bytes) - 11) })),
    metadata: Buffer.alloc(0),
  };
  const record = Buffer.alloc(recordSize(event, 'measured', revision, Date.now()));
  encodeRecord(record, event, 'measured', revision, Date.now(), 256 + revision);
  return readEventFrame({ record, position: 256 + revision }, 'text');
});

const server = new GrpcServer({
  ...serverFeaturesService,
  '/event_store.client.streams.Streams/Read': (call) => {
    call.listen({
      message: (request) => {
        const { kind } = readRequest(request);
        const send = async (): Promise<void> => {
          if (kind === 'subscribe') await call.send(confirmationFrame('measured'));
          for (let i = 0; i < frames.length && !call.signal.aborted; i += 1) {
            const full = call.send(frames[i]!);
            if (full) await full;
            if (i % 256 === 255) await new Promise(setImmediate);
          }
          if (kind === 'read') call.end();
        };
        void send();
      },
    });
  },
});
const port = await server.listen('127.0.0.1', 0);
process.on('SIGTERM', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);

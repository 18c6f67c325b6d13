// Tries what a user of the machine without a key could try. It runs as that user and needs only Node, because that user
// may not be able to read the rest of the project. It reads a list of attempts as JSON from standard input and writes
// the result of each as JSON to standard output.
import { accessSync, constants, openSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const PATIENCE_MS = 5000;

/** Resolves with what `begin` hands over, or with 'nothing' after a while. */
const within = (begin) =>
  new Promise((resolve) => {
    setTimeout(() => resolve({ outcome: 'nothing' }), PATIENCE_MS).unref();
    begin(resolve);
  });

/** Makes one gRPC call with one message. Resolves with its status and how many bytes came back. */
const call = ({ url, path, body, authorization }) =>
  within((done) => {
    const session = connectHttp2(url, { rejectUnauthorized: false, servername: 'localhost' });
    const end = (result) => {
      session.destroy();
      done(result);
    };
    session.on('error', ({ code }) => end({ outcome: code }));
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(authorization && { authorization }),
    });
    let http;
    let status;
    let bytes = 0;
    stream.on('response', (headers) => {
      http = headers[':status'];
      status = headers['grpc-status'] ?? status;
    });
    stream.on('trailers', (headers) => (status = headers['grpc-status'] ?? status));
    stream.on('data', (chunk) => (bytes += chunk.length));
    stream.on('error', ({ code }) => end({ outcome: code }));
    stream.on('end', () => end({ outcome: http === 200 ? `grpc ${status}` : `http ${http}`, bytes }));
    const message = Buffer.from(body, 'base64');
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([head, message]));
  });

/** Resolves with the first thing that PostgreSQL asks of a user: 10 is a password (SASL), 0 is nothing. */
const postgres = ({ port, user, database }) =>
  within((done) => {
    const socket = connect(port, '127.0.0.1');
    const words = Buffer.from(`\0\x03\0\0user\0${user}\0database\0${database}\0\0`, 'latin1');
    const head = Buffer.alloc(4);
    head.writeUInt32BE(words.length + 4);
    socket.on('error', ({ code }) => done({ outcome: code }));
    socket.on('data', (answer) => {
      socket.destroy();
      const kind = String.fromCodePoint(answer[0]);
      done({ outcome: kind === 'R' ? `asks ${answer.readInt32BE(5)}` : `message ${kind}` });
    });
    socket.write(Buffer.concat([head, words]));
  });

const WAYS = {
  read: (path) => readFileSync(path).length,
  list: (path) => readdirSync(path).length,
  follow: (path) => readlinkSync(path),
  write: (path) => openSync(path, 'r+'),
  make: (path) => openSync(`${path}/planted`, 'w'),
  see: (path) => accessSync(path, constants.F_OK),
};

/** Returns in which ways something at a path can be opened. */
const file = ({ path }) => ({
  outcome: Object.keys(WAYS)
    .filter((way) => {
      try {
        WAYS[way](path);
        return true;
      } catch {
        return false;
      }
    })
    .join(' '),
});

const show = ({ path }) => {
  try {
    return { outcome: readFileSync(path, 'latin1') };
  } catch ({ code }) {
    return { outcome: code };
  }
};

const KINDS = { call, postgres, file, show };
const results = [];
for (const attempt of JSON.parse(await text(process.stdin))) results.push(await KINDS[attempt.kind](attempt));
process.stdout.write(JSON.stringify({ user: process.getuid(), groups: process.getgroups(), results }));

/**
 * Runs one bot with socket.io-client, and prints what happens to it, as one JSON object per line. Reconnecting is left
 * to the library.
 * `client.mjs <folder of the library> polling|websocket`, with URL, KEY and CONSUMER in the environment. A line on
 * standard input is a packet to send: {"event": …, "data": …}. With "length": …, it gets a body of that many
 * characters; with "times": …, it is sent that often without asking for an answer.
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [, , folder, transport] = process.argv;
const { io } = createRequire(import.meta.url)(folder);
const { URL: url, KEY: key, CONSUMER: consumer } = process.env;

const tell = (event, more = {}) => console.log(JSON.stringify({ at: Date.now(), event, ...more }));

const socket = io(`${url}/bots`, { auth: { key, consumer }, transports: [transport], forceNew: true });
socket.on('message', ({ channel, seq }) => tell('messages', { channel, seqs: [seq] }));
socket.on('backlog', ({ channel, messages }, took) => {
  tell('messages', { channel, seqs: messages.map(({ seq }) => seq) });
  took();
});
socket.on('caughtup', ({ channel }) => tell('caughtup', { channel }));
socket.on('ready', () => tell('ready'));
socket.on('notice', ({ code }) => tell('notice', { code }));
socket.on('disconnect', (why) => tell('disconnect', { why }));
socket.on('connect_error', (error) => tell('connect_error', { why: error.message }));

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { event, data, times, length } = JSON.parse(line);
    if (length !== undefined) data.body = 'x'.repeat(length);
    for (let left = times ?? 0; left > 0; left -= 1) socket.emit(event, data);
    if (times === undefined) socket.emit(event, data, (...words) => tell('answer', { words }));
  })
  .on('close', () => process.exit(0));

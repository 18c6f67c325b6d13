// KEY=<key> node examples/bot.mjs [words…]   With words, it posts them and exits; without, it listens.
import { io } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';

const { KEY: key, URL: url = 'http://127.0.0.1:8000' } = process.env;
const words = process.argv.slice(2).join(' ');
const post = { id: uuidv7(), channel: 'general', body: words }; // the same id for every attempt
const socket = io(`${url}/bots`, { auth: { key } });
const show = ({ seq, bot, body }) => console.log(`#${seq} ${bot}: ${body}`);

socket.on('connect_error', ({ message }) => console.error(message));
socket.on('ready', async ({ bot }) => {
  try {
    await socket.emitWithAck('join', { channel: 'general' });
    if (!words) return console.log(`${bot} is listening`);
    const { ok, seq, error } = await socket.emitWithAck('post', post);
    console.log(ok ? `stored as #${seq}` : error.message);
    socket.close();
  } catch {} // the connection was lost before the answer: the next `ready` tries again
});
if (!words) {
  socket.on('backlog', ({ messages }, acknowledge) => (messages.forEach(show), acknowledge()));
  socket.on('message', (message) => (show(message), socket.emit('ack', { [message.channel]: message.seq })));
}

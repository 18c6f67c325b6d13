# KEY=<key> python3 examples/bot.py [words…]   With words, it posts them and exits; without, it listens.
import asyncio, os, secrets, sys, time, uuid
import socketio  # Debian: python3-socketio python3-aiohttp; pip: "python-socketio[asyncio_client]"

words = ' '.join(sys.argv[1:])
bot = socketio.AsyncClient()

def uuid7():  # 48 bits of milliseconds, version 7, variant 2, the rest is random
    time_and_version = (time.time_ns() // 10**6 << 16) | 0x7000 | secrets.randbits(12)
    return str(uuid.UUID(int=(time_and_version << 64) | (2 << 62) | secrets.randbits(62)))

post = {'id': uuid7(), 'channel': 'general', 'body': words}  # the same id for every attempt

def show(message):
    print(f"#{message['seq']} {message['bot']}: {message['body']}", flush=True)

@bot.on('connect_error', namespace='/bots')
def refused(error):
    print(error['message'], file=sys.stderr)

@bot.on('ready', namespace='/bots')
async def ready(hello):
    await bot.call('join', {'channel': 'general'}, namespace='/bots')
    if not words:
        print(f"{hello['bot']} is listening", flush=True)
    else:
        answer = await bot.call('post', post, namespace='/bots')
        print(f"stored as #{answer['seq']}" if answer['ok'] else answer['error']['message'])
        await bot.disconnect()

if not words:
    @bot.on('backlog', namespace='/bots')
    def backlog(batch):  # returning acknowledges it
        for message in batch['messages']: show(message)

    @bot.on('message', namespace='/bots')
    async def live(message):
        show(message)
        await bot.emit('ack', {message['channel']: message['seq']}, namespace='/bots')

async def main():
    url = os.environ.get('URL', 'http://127.0.0.1:8000')
    await bot.connect(url, auth={'key': os.environ['KEY']}, namespaces=['/bots'])
    await bot.wait()

asyncio.run(main())

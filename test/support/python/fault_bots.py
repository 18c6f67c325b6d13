"""Runs any number of bots with Debian's python3-socketio. They report every step, one line each: {"bot": …, "step": …}.

fault_bots.py sync|async. Their orders come on standard input, one line each: {"do": "connect", "url": …, "transport": …, and the
bot's own fields}, {"do": "talk", "bot": …, "perSecond": …}, {"do": "fall silent", "bot": …}, {"do": "repeat", "bot": …, "count": …},
{"do": "leave", "bot": …}. A bot that has lost its connection reports {"bot": …, "lost": true}.

Each connection has its own client object. The library can reconnect an object by itself, but when a connection breaks while it is
being made, two attempts run side by side in one object, and events come in any order.
"""
import asyncio
import json
import os
import random
import sys
import threading
import time
import traceback

import engineio
import socketio
from fault_bot import FaultBot

MODE = sys.argv[1]
NAMESPACE = "/bots"
EVENTS = ("ready", "message", "backlog", "caughtup", "truncated", "skipped", "notice", "connect_error")
TICK = 0.05
BOTS = {}
OUT = threading.Lock()


def tell(value):
    line = json.dumps(value)
    with OUT:
        print(line, flush=True)


def pause():
    return random.uniform(0.1, 0.5)


def listen(client, bot, connection):
    def on(event):
        def heard(data=None):
            try:
                bot.hear(connection, event, data)
            except Exception:
                bot.step("offended", by=traceback.format_exc())

        client.on(event, heard, namespace=NAMESPACE)

    for event in EVENTS:
        on(event)


class InOrder(engineio.Client):
    """Handles events in the order in which they come. The library would start a thread for each event, and threads run in any order."""

    def _trigger_event(self, event, *args, **kwargs):
        return super()._trigger_event(event, *args, **{**kwargs, "run_async": False})


class InOrderClient(socketio.Client):
    def _engineio_client_class(self):
        return InOrder


class SyncConnection:
    def __init__(self, bot):
        self.client = InOrderClient(reconnection=False, handle_sigint=False)
        listen(self.client, bot, self)

    def emit(self, event, data, callback):
        try:
            self.client.emit(event, data, namespace=NAMESPACE, callback=callback)
        except socketio.exceptions.SocketIOError:
            pass  # it has just ended: what was to be sent goes out on the next one


class AsyncConnection:
    def __init__(self, bot):
        self.client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        listen(self.client, bot, self)
        self.loop = asyncio.get_running_loop()

    def emit(self, event, data, callback):
        self.loop.create_task(self.send(event, data, callback))

    async def send(self, event, data, callback):
        try:
            await self.client.emit(event, data, namespace=NAMESPACE, callback=callback)
        except socketio.exceptions.SocketIOError:
            pass  # as above


def options(bot, transport):
    return {"auth": bot.auth, "namespaces": [NAMESPACE], "transports": [transport], "wait": False}


def live_sync(bot, url, transport):
    while not bot.has_left:
        connection = SyncConnection(bot)
        client = connection.client
        bot.begin(connection)
        try:
            client.connect(url, **options(bot, transport))
        except Exception:
            pass  # whatever it was: nobody is there yet
        while client.eio.state == "connected" and not bot.is_over():
            time.sleep(TICK)
            bot.tick()
        bot.begin(None)
        client.disconnect()
        time.sleep(pause())


async def live_async(bot, url, transport):
    leaving = set()
    while not bot.has_left:
        connection = AsyncConnection(bot)
        client = connection.client
        bot.begin(connection)
        try:
            await client.connect(url, **options(bot, transport))
        except Exception:
            pass  # whatever it was: nobody is there yet
        while client.eio.state == "connected" and not bot.is_over():
            await asyncio.sleep(TICK)
            bot.tick()
        bot.begin(None)
        # disconnect() waits for the server's goodbye, which may never come.
        task = asyncio.create_task(client.disconnect())
        leaving.add(task)
        task.add_done_callback(leaving.discard)
        await asyncio.sleep(pause())


def obey(live, *, do, bot, **more):
    if do == "connect":
        url, transport = more.pop("url"), more.pop("transport")
        BOTS[bot] = FaultBot(tell, bot=bot, **more)
        live(BOTS[bot], url, transport)
    elif do == "talk":
        BOTS[bot].talk(more["perSecond"])
    elif do == "fall silent":
        BOTS[bot].fall_silent()
    elif do == "repeat":
        BOTS[bot].repeat(more["count"])
    elif do == "leave":
        BOTS[bot].has_left = True


def run_sync():
    def live(*args):
        threading.Thread(target=live_sync, args=args, daemon=True).start()

    for line in sys.stdin:
        obey(live, **json.loads(line))


async def run_async():
    loop = asyncio.get_running_loop()
    tasks = []
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        obey(lambda *args: tasks.append(loop.create_task(live_async(*args))), **json.loads(line))


if MODE == "sync":
    run_sync()
else:
    asyncio.run(run_async())
os._exit(0)

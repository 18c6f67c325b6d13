"""Runs one bot with Debian's python3-socketio, and prints what happens to it, as one JSON object per line. Reconnecting is left to
the library.

client.py sync|async polling|websocket, with URL, KEY and CONSUMER in the environment. A line on standard input is a packet to
send: {"event": …, "data": …}. With "length": …, it gets a body of that many characters; with "times": …, it is sent that often
without asking for an answer. The first connection is tried until it succeeds, because the library raises if it fails, and does not
try again.
"""
import asyncio
import json
import os
import sys
import threading
import time

import socketio

MODE, TRANSPORT = sys.argv[1], sys.argv[2]
URL = os.environ["URL"]
AUTH = {"key": os.environ["KEY"], "consumer": os.environ["CONSUMER"]}
LOCK = threading.Lock()


def tell(event, **more):
    with LOCK:
        print(json.dumps({"at": time.time() * 1000, "event": event, **more}), flush=True)


def seqs(batch):
    return [message["seq"] for message in batch["messages"]]


def told_of(event, data):
    if event == "message":
        tell("messages", channel=data["channel"], seqs=[data["seq"]])
    elif event == "backlog":
        tell("messages", channel=data["channel"], seqs=seqs(data))
    elif event == "caughtup":
        tell("caughtup", channel=data["channel"])
    elif event in ("ready", "notice"):
        tell(event, code=data.get("code"))


def command_in(line):
    command = json.loads(line)
    if "length" in command:
        command["data"]["body"] = "x" * command["length"]
    return command


def answers(command):
    """Returns what to call with the answer to each packet that a command sends."""
    if "times" in command:
        return [None] * command["times"]
    return [lambda *words: tell("answer", words=words)]


def run_sync():
    client = socketio.Client()

    def hear(event):
        client.on(event, lambda *words: told_of(event, *words), namespace="/bots")

    for event in ("message", "backlog", "caughtup", "ready", "notice"):
        hear(event)
    client.on("disconnect", lambda: tell("disconnect"), namespace="/bots")
    client.on("connect_error", lambda *words: tell("connect_error", words=words), namespace="/bots")
    connect_sync(client)
    for line in sys.stdin:
        command = command_in(line)
        try:
            for answer in answers(command):
                client.emit(command["event"], command["data"], namespace="/bots", callback=answer)
        except socketio.exceptions.SocketIOError as error:
            tell("not_sent", why=str(error))


def connect_sync(client):
    while True:
        try:
            client.connect(URL, auth=AUTH, namespaces=["/bots"], transports=[TRANSPORT])
            return
        except socketio.exceptions.ConnectionError as error:
            tell("not_connected", why=str(error))
            time.sleep(0.5)
            if client.connected:
                return


async def run_async():
    client = socketio.AsyncClient()

    def hear(event):
        async def heard(*words):
            told_of(event, *words)

        client.on(event, heard, namespace="/bots")

    for event in ("message", "backlog", "caughtup", "ready", "notice"):
        hear(event)
    client.on("disconnect", lambda: tell("disconnect"), namespace="/bots")
    client.on("connect_error", lambda *words: tell("connect_error", words=words), namespace="/bots")
    await connect_async(client)
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            os._exit(0)
        command = command_in(line)
        try:
            for answer in answers(command):
                await client.emit(command["event"], command["data"], namespace="/bots", callback=answer)
        except socketio.exceptions.SocketIOError as error:
            tell("not_sent", why=str(error))


async def connect_async(client):
    while True:
        try:
            await client.connect(URL, auth=AUTH, namespaces=["/bots"], transports=[TRANSPORT])
            return
        except socketio.exceptions.ConnectionError as error:
            tell("not_connected", why=str(error))
            await asyncio.sleep(0.5)
            if client.connected:
                return


if MODE == "sync":
    run_sync()
    os._exit(0)
asyncio.run(run_async())

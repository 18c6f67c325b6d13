"""A bot that sends bad requests over Debian's python3-socketio. Prints what became of each, one JSON object per line.

Usage: odd-requests.py sync|async polling|websocket; KEY and URL from the environment.
"""

import asyncio
import json
import os
import sys
import threading
import time
import uuid

import socketio

KIND, TRANSPORT = sys.argv[1:3]
KEY, URL = os.environ["KEY"], os.environ["URL"]
PATIENCE = 20


def post(**more):
    return {"id": str(uuid.uuid4()), "channel": "general", "body": "hello", **more}


def deep(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


REQUESTS = {
    "nan": lambda: post(data={"price": float("nan")}),
    "infinity": lambda: post(data=[float("inf")]),
    "minus infinity": lambda: post(data=-float("inf")),
    "long": lambda: post(body="x" * 1_000_100),
    "longer": lambda: post(body="é" * 1_000_000),
    "escaped": lambda: post(body="\u0001" * 20_000),
    "id": lambda: post(data={"order": 1285704473650888702}),
    "minus zero": lambda: post(data=-0.0),
    "binary": lambda: post(data={"file": b"bytes"}),
    "many binaries": lambda: post(data=[b"x"] * 20),
    "deep": lambda: post(data=deep(150)),
    "floats": lambda: post(data=[1.0, 1e22, 5e-324, 0.1, 2.5e-7, 1e16, 123456789.123]),
}


def show(name, answer):
    error = answer.get("error") or {}
    print(json.dumps({"name": name, "ok": answer["ok"], "code": error.get("code"), "word": error.get("message")}), flush=True)


def run_sync():
    client = socketio.Client(reconnection=False)
    ready = threading.Event()
    client.on("ready", lambda _: ready.set(), namespace="/bots")
    told = threading.Event()

    def hear(notice):
        print(json.dumps({"notice": notice["code"]}), flush=True)
        told.set()

    client.on("notice", hear, namespace="/bots")
    # What a handler returns becomes the acknowledgement, and may be anything.
    client.on("backlog", lambda _: float("nan"), namespace="/bots")
    client.connect(URL, namespaces=["/bots"], transports=[TRANSPORT], auth={"key": KEY})
    ready.wait(PATIENCE)
    for name, make in REQUESTS.items():
        show(name, client.call("post", make(), namespace="/bots", timeout=PATIENCE))
    done = threading.Semaphore(0)
    answers = []

    def take(answer):
        answers.append(answer)
        done.release()

    for _ in range(100):
        client.emit("post", post(body="x" * 10_000), namespace="/bots", callback=take)
    for _ in range(100):
        done.acquire(timeout=PATIENCE)
    print(json.dumps({"burst": sum(answer["ok"] for answer in answers), "connected": client.connected}), flush=True)
    client.emit("post", post(body="x" * 20_000_000), namespace="/bots")
    told.wait(PATIENCE)
    over_by = time.monotonic() + PATIENCE
    while client.connected and time.monotonic() < over_by:
        time.sleep(0.05)
    print(json.dumps({"after": "too much", "connected": client.connected}), flush=True)
    client.disconnect()


async def run_async():
    client = socketio.AsyncClient(reconnection=False)
    ready = asyncio.Event()
    client.on("ready", lambda _: ready.set(), namespace="/bots")
    told = asyncio.Event()

    def hear(notice):
        print(json.dumps({"notice": notice["code"]}), flush=True)
        told.set()

    client.on("notice", hear, namespace="/bots")
    client.on("backlog", lambda _: float("nan"), namespace="/bots")
    await client.connect(URL, namespaces=["/bots"], transports=[TRANSPORT], auth={"key": KEY})
    await asyncio.wait_for(ready.wait(), PATIENCE)
    for name, make in REQUESTS.items():
        show(name, await client.call("post", make(), namespace="/bots", timeout=PATIENCE))
    answers = []
    done = asyncio.Event()

    def take(answer):
        answers.append(answer)
        if len(answers) == 100:
            done.set()

    for _ in range(100):
        await client.emit("post", post(body="x" * 10_000), namespace="/bots", callback=take)
    await asyncio.wait_for(done.wait(), PATIENCE)
    print(json.dumps({"burst": sum(answer["ok"] for answer in answers), "connected": client.connected}), flush=True)
    await client.emit("post", post(body="x" * 20_000_000), namespace="/bots")
    await asyncio.wait_for(told.wait(), PATIENCE)
    over_by = time.monotonic() + PATIENCE
    while client.connected and time.monotonic() < over_by:
        await asyncio.sleep(0.05)
    print(json.dumps({"after": "too much", "connected": client.connected}), flush=True)
    await client.disconnect()


if KIND == "sync":
    run_sync()
else:
    asyncio.run(run_async())

"""Keeps what a bot in Python needs to miss nothing and to repeat nothing: its place in each channel, and its unanswered posts."""
import random
import secrets
import threading
import time
import uuid

PIPELINE = 20
REPEATED = 0.05
ACK_EVERY = 0.5
# Seconds that socket.io-client, too, gives a connection.
PATIENCE = 20
# Notices that these bots must never get.
SENT_AWAY = {"superseded", "access_withdrawn", "rate_limited", "protocol_error", "connected_again"}


def uuid7():
    time_and_version = (time.time_ns() // 10**6 << 16) | 0x7000 | secrets.randbits(12)
    return str(uuid.UUID(int=(time_and_version << 64) | (2 << 62) | secrets.randbits(62)))


def now_ms():
    return int(time.time() * 1000)


class FaultBot:
    """One bot over as many connections as it needs. It reports each step before it does anything that follows from it.

    A connection has `emit(event, data, callback)`. Only the newest one counts: what still comes from others is ignored.
    """

    def __init__(self, tell, *, bot, key, resumes, memberSince, seed):
        self.name, self.key, self.resumes = bot, key, resumes
        self.seen = dict(memberSince)
        self.channels = list(memberSince)
        self.random = random.Random(seed)
        self.lock = threading.RLock()
        self.connection = None
        self.at_work = False
        self.began = 0.0
        self.asked_at = 0
        self.unanswered = {}  # posts by id, in the order in which they were first sent
        self.answered = []
        self.again_at = {}  # ids of those that were put off
        self.sent_at = {}  # sendings of this connection that are not answered
        self.count = self.sendings = 0
        self.has_left = False
        self.every = None
        self.next_talk = self.next_ack = 0.0
        self.tell = lambda **what: tell({"bot": bot, **what})
        self.step = lambda type, **step: self.tell(step={"type": type, **step})

    # The connection.

    def begin(self, connection):
        with self.lock:
            if self.at_work:
                self.tell(lost=True)
            self.connection, self.at_work, self.began = connection, False, time.monotonic()
            self.again_at, self.sent_at = {}, {}

    def auth(self):
        self.asked_at = now_ms()
        return {"key": self.key, "resume": self.seen if self.resumes == "map" else "stored"}

    def is_over(self):
        """Whether this connection should be given up, because it does not begin or does not answer, or because the bot leaves."""
        with self.lock:
            if self.has_left:
                return True
            since = min(self.sent_at.values(), default=None) if self.at_work else self.began
            return since is not None and time.monotonic() - since > PATIENCE

    def hear(self, connection, event, data):
        with self.lock:
            if connection is self.connection:
                getattr(self, "on_" + event)(data)

    # What the bot receives.

    def on_ready(self, ready):
        cursors = {one["channel"]: one["cursor"] for one in ready["channels"]}
        self.step("connected", cursors=cursors, askedAt=self.asked_at)
        self.at_work = True
        for post in list(self.unanswered.values()):
            self.transmit(post)
        self.repeat(3)

    def on_message(self, message):
        channel, seq = message["channel"], message["seq"]
        step = {"channel": channel, "seq": seq, "id": message["id"], "from": message["bot"], "body": message["body"]}
        self.step("received", **step)
        self.seen[channel] = max(seq, self.seen[channel])

    def on_backlog(self, batch):
        for message in batch["messages"]:
            self.on_message(message)
        self.step("acknowledging", channel=batch["channel"], seq=self.seen[batch["channel"]])

    def on_caughtup(self, to):
        self.step("caughtup", channel=to["channel"], seq=to["seq"])

    def on_truncated(self, hole):
        channel, to = hole["channel"], hole["to"]
        self.step("truncated", channel=channel, **{"from": hole["from"]}, to=to, at=now_ms())
        self.seen[channel] = max(to, self.seen[channel])

    def on_skipped(self, hole):
        self.step("offended", by=f"skipped {hole}")

    def on_notice(self, notice):
        if notice["code"] in SENT_AWAY:
            self.step("offended", by=f"sent away: {notice['code']}")

    def on_connect_error(self, error):
        self.step("offended", by=f"refused: {error}")

    # What the bot sends.

    def talk(self, per_second):
        self.every = 1 / per_second

    def fall_silent(self):
        self.every = None

    def repeat(self, count):
        """Posts again what was answered long ago."""
        with self.lock:
            for _ in range(min(count, len(self.answered))):
                self.post(self.random.choice(self.answered))

    def tick(self):
        """Does what is due: posts something new, posts again what was put off, and acknowledges."""
        with self.lock:
            now = time.monotonic()
            if not self.at_work:
                return
            if self.every is not None and now >= self.next_talk:
                self.next_talk = max(self.next_talk + self.every, now)
                self.say_something()
            for id in [id for id, at in self.again_at.items() if now >= at]:
                del self.again_at[id]
                self.transmit(self.unanswered[id])
            if self.resumes == "stored" and now >= self.next_ack:
                self.next_ack = now + ACK_EVERY
                self.acknowledge()

    def say_something(self):
        if len(self.unanswered) >= PIPELINE:
            return
        self.count += 1
        body = f"{self.name} says {self.count} times “ǝuo”"
        self.post({"id": uuid7(), "channel": self.random.choice(self.channels), "body": body})

    def post(self, post):
        self.unanswered[post["id"]] = post
        self.transmit(post)

    def transmit(self, post):
        if not self.at_work:
            return
        connection, sent_at = self.connection, now_ms()
        self.sendings += 1
        sending = self.sendings
        self.sent_at[sending] = time.monotonic()
        self.step("posting", sending=sending, **post)
        connection.emit("post", post, lambda reply: self.answer(connection, post, sending, sent_at, reply))

    def answer(self, connection, post, sending, sent_at, reply):
        with self.lock:
            if connection is not self.connection:
                return
            self.sent_at.pop(sending, None)
            if not reply["ok"]:
                self.refused(post, sending, reply["error"])
                return
            place = {name: reply[name] for name in ("id", "channel", "seq", "at")}
            duplicate = reply.get("duplicate", False)
            self.step("answered", **place, sending=sending, duplicate=duplicate, sentAt=sent_at)
            self.again_at.pop(post["id"], None)
            if self.unanswered.pop(post["id"], None) is None:
                return
            self.answered.append(post)
            if self.random.random() < REPEATED:
                self.post(post)

    def refused(self, post, sending, error):
        if error["retryable"]:
            self.step("put-off", sending=sending, id=post["id"], code=error["code"])
            if post["id"] in self.unanswered:
                self.again_at[post["id"]] = time.monotonic() + error.get("retryAfterMs", 200) / 1000
        else:
            self.unanswered.pop(post["id"], None)
            self.step("offended", by=f"post {post['id']}: {error['code']}")

    def acknowledge(self):
        connection = self.connection
        up_to = {channel: seq for channel, seq in self.seen.items() if seq >= 0}
        for channel, seq in up_to.items():
            self.step("acknowledging", channel=channel, seq=seq)

        def answer(reply):
            with self.lock:
                if connection is not self.connection:
                    return
                if not reply["ok"]:
                    if not reply["error"]["retryable"]:
                        self.step("offended", by=f"ack: {reply['error']['code']}")
                    return
                for channel, seq in up_to.items():
                    self.step("acknowledged", channel=channel, seq=seq)

        connection.emit("ack", up_to, answer)

// KEY=<key> CHANNEL=general node examples/verify-feed.mjs   Follows a channel of the bot; with ONCE=1 up to now.
//
// It believes nothing that it is told: each message must be in the signed log at its own seq, no seq may be missing, and
// each new checkpoint must continue the one that this program keeps in a file of its own (STATE).
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { io } from 'socket.io-client';

const {
  KEY: key,
  URL: url = 'http://127.0.0.1:8000',
  CHANNEL: channel = 'general',
  ONCE: once,
} = process.env;
const { STATE: file = `verified-${channel}.json` } = process.env;
const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { seq: -1, owed: {} };

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafOf = (entry) => sha256(Buffer.of(0), entry);
const nodeOf = (left, right) => sha256(Buffer.of(1), left, right);
const bytes = (base64) => Buffer.from(base64, 'base64');
const must = (fact, complaint) => {
  if (!fact) throw new Error(complaint);
};

/** Returns the text of a note, if this key has signed it: C2SP signed-note. */
const signedText = (note, by) => {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  const x = bytes(by.split('+').slice(2).join('+')).subarray(1).toString('base64url');
  const signer = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const lines = note
    .slice(text.length + 1)
    .trimEnd()
    .split('\n');
  const isSigned = lines.some((line) =>
    verify(null, Buffer.from(text), signer, bytes(line.split(' ')[2]).subarray(4)),
  );
  return isSigned ? text : undefined;
};

const ask = async (path) => {
  const response = await fetch(`${url}/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
  return { ok: response.ok, answer: await response.json() };
};

/** Follows the changes of the log's key, each signed by the key before it. */
const followKey = async () => {
  const { ok, answer } = await ask('/audit/log/keys');
  for (const note of ok ? answer.changes : []) {
    const [title, from, to] = signedText(note, kept.key)?.split('\n') ?? [];
    if (title === 'verbatim audit log: key rotation v1' && from === kept.key) kept.key = to;
  }
};

/** Opens a signed checkpoint: C2SP tlog-checkpoint. */
const openCheckpoint = async (note) => {
  if (signedText(note, kept.key) === undefined) await followKey();
  const text = signedText(note, kept.key);
  must(text !== undefined, 'the checkpoint is not signed by the log, as far as its key was kept');
  const [origin, size, root] = text.split('\n');
  must(origin === kept.key.split('+')[0], 'the checkpoint is one of another log');
  return { size: Number(size), root: bytes(root) };
};

/** RFC 9162, section 2.1.3.2. */
const rootFrom = (path, index, size, leaf) => {
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    must(last > 0, 'the path is too long');
    if (at % 2 === 1 || at === last) {
      hash = nodeOf(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else hash = nodeOf(hash, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  must(last === 0, 'the path is too short');
  return hash;
};

/** RFC 9162, section 2.1.4.2. */
const mustContinue = (earlier, later, proof) => {
  if (earlier.size === later.size)
    return must(earlier.root.equals(later.root), 'the log was changed: two roots for one size');
  const [first, ...path] = Number.isInteger(Math.log2(earlier.size)) ? [earlier.root, ...proof] : proof;
  let [at, last, small, large] = [earlier.size - 1, later.size - 1, first, first];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  for (const hash of path) {
    if (at % 2 === 1 || at === last) {
      [small, large] = [nodeOf(hash, small), nodeOf(hash, large)];
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else large = nodeOf(large, hash);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  must(
    last === 0 && small?.equals(earlier.root) && large.equals(later.root),
    'the log was changed: it does not continue the checkpoint that was kept',
  );
};

/** Reads what an entry says of an event: docs/audit.md has the fields. */
const readEntry = (entry) => {
  let at = 1;
  const take = (length) => entry.subarray(at, (at += length));
  const text = () => take(take(2).readUInt16BE()).toString();
  const [stream, revision, type] = [text(), Number(take(8).readBigUInt64BE()), text()];
  take(16);
  const [ticks] = [take(8).readBigUInt64BE(), take(1)];
  return {
    stream,
    revision,
    type,
    at: Number(ticks / 10_000n),
    length: take(4).readUInt32BE(),
    hash: take(32),
  };
};

/** Asks for the proof of a message until a checkpoint covers it. */
const proofOf = async ({ bot, id }) => {
  const since = kept.head ? `?since=${kept.head.size}` : '';
  for (;;) {
    const { ok, answer } = await ask(`/messages/${bot}/${id}/proof${since}`);
    if (ok) return answer;
    must(answer.retryable, `no proof of ${bot}/${id}: ${answer.detail}`);
    console.error(`waiting for the proof of ${bot}/${id}: ${answer.detail}`);
    await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs ?? 1_000));
  }
};

/** The body of a redaction is its reason. */
const contentOf = ({ reason = '', body = reason, ...more }) => ({ ...more, body });

/** The content must be the one of the entry, and the one that was delivered. */
const mustHold = ({ length, hash }, data, { id, bot, body = '', target, replyTo, data: more }) => {
  must(data.length === length && sha256(data).equals(hash), 'the content is another one in the log');
  const said = JSON.parse(data.toString());
  const told = { id, bot, channel, target, replyTo, data: more, body };
  const isSame = Object.entries(told).every(([field, value]) =>
    isDeepStrictEqual(contentOf(said)[field], value),
  );
  must(isSame, 'the message was changed on its way');
};

const prove = async (message) => {
  const { checkpoint, index, entry, data, path, consistency } = await proofOf(message);
  const head = await openCheckpoint(checkpoint);
  const before = kept.head && { size: kept.head.size, root: bytes(kept.head.root) };
  if (before) mustContinue(before, head, consistency.map(bytes));
  const root = rootFrom(path.map(bytes), index, head.size, leafOf(bytes(entry)));
  must(index < head.size && root.equals(head.root), 'the message is not in the log');
  const { stream, revision, type, at, length, hash } = readEntry(bytes(entry));
  must(
    bytes(entry)[0] === 1 && stream === `messages-${channel}` && revision === message.seq,
    'the proof is one of another place',
  );
  must(
    type === `Message${message.kind[0].toUpperCase()}${message.kind.slice(1)}` &&
      at === Date.parse(message.at),
    'kind or time are others in the log',
  );
  const { id, bot, target } = message;
  // A redacted message has lost its content, also here. Its redaction must follow in the channel.
  if (data === undefined || message.redacted) kept.owed[`${bot}/${target ?? id}`] = message.seq;
  else mustHold({ length, hash }, bytes(data), message);
  if (message.kind === 'redacted') delete kept.owed[`${bot}/${target}`];
  return { size: head.size, root: head.root.toString('base64') };
};

/** Proves one message after the other, and keeps what was proven before it goes on. */
const take = async (message) => {
  must(message.seq === kept.seq + 1, `seq ${kept.seq + 1} was held back: ${message.seq} came instead`);
  kept.head = await prove(message);
  kept.seq = message.seq;
  writeFileSync(`${file}.draft`, JSON.stringify(kept));
  renameSync(`${file}.draft`, file);
  console.log(`proven #${message.seq} ${message.bot}: ${message.body}`);
};

const socket = io(`${url}/bots`, { auth: { key, resume: { [channel]: kept.seq } } });
let work = Promise.resolve();
const next = (step) => {
  work = work.then(step).catch(({ message }) => (console.error(`NOT PROVEN: ${message}`), process.exit(1)));
};
socket.on('connect_error', ({ message }) => console.error(message));
socket.on('ready', ({ auditLog }) =>
  next(() => {
    must(auditLog || kept.key, 'the log has no checkpoint yet: start again later');
    kept.key ??= auditLog.key; // the first time, it has to be believed
    socket.auth.resume = { [channel]: kept.seq };
  }),
);
socket.on('backlog', (batch, acknowledge) => {
  if (batch.channel === channel) for (const message of batch.messages) next(() => take(message));
  next(acknowledge);
});
socket.on('message', (message) => message.channel === channel && next(() => take(message)));
for (const hole of ['skipped', 'truncated'])
  socket.on(
    hole,
    ({ channel: where, from, to, reason }) =>
      where === channel && next(() => must(false, `seqs ${from} to ${to} were left out: ${reason}`)),
  );
if (once)
  socket.on('caughtup', ({ channel: where }) => {
    if (where !== channel) return;
    next(() => {
      const [seq] = Object.values(kept.owed);
      must(seq === undefined, `the content of #${seq} was kept back, but no redaction came`);
      process.exit(0);
    });
  });

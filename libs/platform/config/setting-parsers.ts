import { trustIn } from '../connections/client-address.js';
import { ANY_ORIGIN } from '../origins/allowed-origin.js';
import { parseKey } from '../keys/access-key.js';

/**
 * Turns the text of a setting into its value. @throws Error with a message that completes "NAME …" and repeats no
 * secret.
 */
export type Parser<T> = (text: string) => T;

const decimal = (text: string, min: number, max: number): number | undefined => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};

/** Accepts a whole number from `min` to `max`. */
export const wholeNumber =
  (min: number, max: number): Parser<number> =>
  (text) => {
    const value = decimal(text, min, max);
    if (value === undefined) throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
  TIB: 1024 ** 4,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** Accepts a number of bytes, with or without a unit: `0`, `500 MiB`, `2GB`. */
export const byteSize: Parser<number> = (text) => {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?([KMGT]?i?B)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit.toUpperCase()] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) throw new Error('must be a size such as 500 MiB, 2 GiB or 0');
  return bytes;
};

/** Accepts one of the given words. */
export const oneOf =
  <T extends string>(words: readonly T[]): Parser<T> =>
  (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new Error(`must be one of ${words.join(', ')}`);
    return word;
  };

/** Accepts a comma-separated choice of the given words, at least one. The result keeps the order of `words`. */
export const someOf =
  <T extends string>(words: readonly T[]): Parser<readonly T[]> =>
  (text) => {
    const chosen = text.split(',').map((word) => word.trim());
    const unknown = chosen.find((word) => !words.some((candidate) => candidate === word));
    if (unknown !== undefined) throw new Error(`must be a list of ${words.join(', ')}`);
    return words.filter((word) => chosen.includes(word));
  };

/** Accepts a comma-separated list of addresses and networks. */
export const networks: Parser<readonly string[]> = (text) => {
  const given = text.split(',').map((network) => network.trim());
  try {
    trustIn(given);
  } catch {
    throw new Error('must be a list of addresses and networks, such as 10.0.0.0/8');
  }
  return given;
};

/** Accepts a comma-separated list of origins, or `*`, each as browsers write it. */
export const origins: Parser<readonly string[]> = (text) =>
  text.split(',').map((each) => {
    const origin = each.trim().toLowerCase();
    const isOne = origin === ANY_ORIGIN || (URL.canParse(origin) && new URL(origin).origin === origin);
    if (!isOne || origin === 'null')
      throw new Error('must be a list of origins without a path, such as https://console.example.org, or *');
    return origin;
  });

/**
 * Accepts a URL with one of the given schemes (without colon). Returns the text as it is, because connection strings
 * have their own syntax.
 */
export const urlOf =
  (...schemes: readonly string[]): Parser<string> =>
  (text) => {
    const wanted = schemes.map((scheme) => `${scheme}://`);
    if (!wanted.some((prefix) => text.startsWith(prefix) && text.length > prefix.length)) {
      throw new Error(`must begin with ${wanted.join(' or ')}`);
    }
    return text;
  };

/** Accepts a host name or address to listen on. */
export const hostName: Parser<string> = (text) => {
  if (!/^[A-Za-z0-9._:%-]{1,253}$/.test(text)) throw new Error('must be a host name or an IP address');
  return text;
};

/** Accepts any single line of at most `max` characters. */
export const line =
  (max: number): Parser<string> =>
  (text) => {
    if (text.length > max || /[\r\n\0]/.test(text))
      throw new Error(`must be one line of at most ${max} characters`);
    return text;
  };

/** Accepts a short word that may become part of other names. */
export const word: Parser<string> = (text) => {
  if (!/^[a-z][a-z0-9]{0,31}$/.test(text))
    throw new Error('must be a word of at most 32 small letters and digits, a letter first');
  return text;
};

/** Accepts a secret that is too long to be guessed. */
export const token: Parser<string> = (text) => {
  if (!/^[\x21-\x7e]{16,512}$/.test(text))
    throw new Error('must be 16 to 512 printable characters without spaces');
  return text;
};

/** Accepts a secret for signing. A shorter one could be found by trying. */
export const longSecret: Parser<string> = (text) => {
  if (!/^[\x21-\x7e]{32,512}$/.test(text))
    throw new Error('must be 32 to 512 printable characters without spaces');
  return text;
};

/** Accepts a URL whose answer nobody on the way can change: TLS, or this machine. */
export const secureUrl: Parser<string> = (text) => {
  const { protocol, hostname } = URL.canParse(text) ? new URL(text) : { protocol: '', hostname: '' };
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isHere))
    throw new Error('must begin with https://, or with http:// for this machine');
  return text;
};

/** Accepts an admin key, in exactly the form that this system issues. */
export const adminKey: Parser<string> = (text) => {
  if (parseKey(text)?.role !== 'admin')
    throw new Error('must be an admin key, as `verbatim key make` prints one');
  return text;
};

/**
 * Accepts witnesses of the audit log, separated by commas: each the address to which checkpoints are sent, `#`, and the
 * public key of its cosignatures in the form of C2SP signed-note.
 */
export const witnesses: Parser<readonly Readonly<{ url: string; key: string }>[]> = (text) =>
  text.split(',').map((given) => {
    const [, url = '', key = ''] =
      /^(https?:\/\/[^#\s]+)#([^\s+#]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*)$/.exec(given.trim()) ?? [];
    if (!URL.canParse(url))
      throw new Error('must be witnesses such as https://witness.example.org/#<public key>');
    return { url, key };
  });

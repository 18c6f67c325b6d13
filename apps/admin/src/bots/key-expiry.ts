import type { Directory } from '#libs/directory/directory.js';
import type { BotItem } from './bots.query.js';

/**
 * The item with the times at which its keys end. They are set when a key is issued, so the directory says the same as the
 * read model would at any position. What was revoked ends no more.
 */
export const withExpiry = <Item extends BotItem>(item: Item, directory: Pick<Directory, 'bot'>): Item => {
  const bot = directory.bot(item.bot);
  if (bot.status === 'unknown') return item;
  const keys = item.keys.map((key) => {
    const known = Object.hasOwn(bot.keys, key.keyId) ? bot.keys[key.keyId] : undefined;
    const isOpen = key.revokedAt === undefined && known?.expiresAt !== undefined;
    return isOpen ? { ...key, expiresAt: known.expiresAt } : key;
  });
  return { ...item, keys };
};

import type { Directory } from '#libs/directory/directory.js';
import type { BotItem } from './bots.query.js';

/**
 * Returns the item with the expiry times of its keys. A key's expiry is set when the key is issued and never
 * changes, so the directory knows the same time as the read model would at any position. A revoked key gets
 * none.
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

import { v7 as uuidv7 } from 'uuid';
import type { Scene } from '../scene.js';

/** Returns a valid value for a required field of a request. */
export const goodValue = (scene: Scene, field: string, isChange: boolean): unknown => {
  const values: Readonly<Record<string, () => unknown>> = {
    id: () => uuidv7(),
    channel: () => scene.channel,
    body: () => 'fine',
    target: () => (isChange ? scene.targets.pop() : undefined) ?? uuidv7(),
    name: () => scene.spare,
    bot: () => scene.spare,
    role: () => 'auditor',
    type: () => 'typing',
    key: () => scene.keys.socket,
    revision: () => 0,
  };
  return values[field]?.() ?? 'none';
};

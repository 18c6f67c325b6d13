import { SETTINGS_TABLE, type Setting } from './settings.table.js';

const HEADER = `# Settings of Verbatim, with their defaults. Copy to \`.env\` in the folder you start it from, or set them in the
# environment, which goes first. Every one is optional.
`;

/** Returns the text of `.env.example`: every setting with its meaning, commented out. */
export const envExample = (): string =>
  HEADER +
  Object.entries(SETTINGS_TABLE as Record<string, Setting<unknown>>)
    .map(([name, { meaning, default: preset, defaultMeaning }]) => {
      const shown = defaultMeaning === undefined ? (preset ?? '') : '';
      const note = defaultMeaning === undefined ? '' : `# Default: ${defaultMeaning}.\n`;
      return `\n# ${meaning}\n${note}#${name}=${shown}\n`;
    })
    .join('');

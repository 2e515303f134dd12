import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** The icons' style sheet without its font, which the panel's page itself declares when it has loaded. */
export const iconRules: Plugin = {
  name: 'icon rules',
  setup(build) {
    build.onLoad({ filter: /codicon\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*{[^}]*}/, ''),
      loader: 'css',
    }));
  },
};

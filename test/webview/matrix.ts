import { english, spanish, type Language } from './languages.ts';
import type { Scene } from './scenes.ts';
import { themeNames, type ThemeName } from './themes.ts';

/** A usual editor's width, and what 200 % zoom leaves of it. */
export const widths = { wide: 1000, zoomed: 500 } as const;
type WidthName = keyof typeof widths;

/** One way in which a state of the panel is looked at. */
export interface Look {
  readonly scene: Scene;
  readonly theme: ThemeName;
  readonly language: Language;
  readonly width: WidthName;
}

const languages = [english, spanish] as const;
const widthNames = ['wide', 'zoomed'] as const;

/** Every state in every theme, language and width. */
export function everyLook(scenes: readonly Scene[]): Look[] {
  return scenes.flatMap((scene) =>
    themeNames.flatMap((theme) =>
      languages.flatMap((language) => widthNames.map((width) => ({ scene, theme, language, width }))),
    ),
  );
}

/** A selection in which every pair of a state, theme, language and width still occurs. */
export function pairwiseLooks(scenes: readonly Scene[]): Look[] {
  return scenes.flatMap((scene, row) =>
    themeNames.map((theme, column) => ({
      ...{ scene, theme },
      language: languages[(row + column) % 2] ?? english,
      width: widthNames[(row + (column >> 1)) % 2] ?? 'wide',
    })),
  );
}

export function nameOf({ scene, theme, language, width }: Look): string {
  return [scene.name, theme, language.code, width].join('-');
}

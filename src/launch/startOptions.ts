import { parseArgs } from 'node:util';
import { MissingRequirement } from './progress.ts';
import type { Era } from './sandboxServer.ts';

export interface StartOptions {
  readonly era: Era;
  /** False with --no-open: the address is printed and nothing is opened. */
  readonly open: boolean;
  /** Where VS Code keeps its data between runs, if not below .cache/. */
  readonly dataFolder?: string;
}

/** @throws MissingRequirement for a value that is not an era of the sandbox. */
export function parseEra(text: string): Era {
  if (text === '7.0' || text === '8.2') return text;
  throw new MissingRequirement(`--era is 7.0 or 8.2, not "${text}".`);
}

/** @throws MissingRequirement for options that do not exist or hold nonsense. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        era: { type: 'string', default: '8.2' },
        'no-open': { type: 'boolean', default: false },
        'data-folder': { type: 'string' },
      },
    });
    const { 'data-folder': dataFolder } = values;
    return {
      era: parseEra(values.era),
      open: !values['no-open'],
      ...(dataFolder !== undefined && { dataFolder }),
    };
  } catch (error) {
    if (error instanceof MissingRequirement) throw error;
    throw new MissingRequirement(
      `${(error as Error).message} Options of npm start: --era 7.0|8.2, --no-open, --data-folder PATH.`,
    );
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../src/launch/paths.ts';
import { oneFailed, onePassed, sum } from './tally.ts';
import type { Tally } from './tally.ts';

const entry = 'dist/extension.js';
const mostBytes = 60_000;
/** What only a first use may load. */
const lateModules =
  /node_modules\/(openid-client|oauth4webapi|undici|zod|jose)\/|webview-ui\/|src\/vscode\/webview\//;

/** The part of esbuild's account of a build that matters here. */
export interface BundleAccount {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly bytes: number;
        readonly imports: readonly {
          readonly path: string;
          readonly kind: string;
          readonly external?: boolean;
        }[];
        readonly inputs: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

/** The files that are loaded before `activate()` runs: the entry and what it imports statically. */
function loadedAtStart({ outputs }: BundleAccount): Set<string> {
  const files = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && !external) visit(path);
    }
  };
  visit(entry);
  return files;
}

type Judgement = Tally & { readonly details: string };

function judgeSize(account: BundleAccount, files: ReadonlySet<string>): Judgement {
  const bytes = [...files].reduce((total, file) => total + (account.outputs[file]?.bytes ?? 0), 0);
  const isSmall = bytes > 0 && bytes <= mostBytes;
  const details = `extension.js with its static imports: ${bytes} bytes (at most ${mostBytes})`;
  return { ...(isSmall ? onePassed : oneFailed), details };
}

function judgeContent(account: BundleAccount, files: ReadonlySet<string>): Judgement {
  const inputs = [...files].flatMap((file) => Object.keys(account.outputs[file]?.inputs ?? {}));
  const early = inputs.filter((input) => lateModules.test(input));
  if (early.length === 0) return { ...onePassed, details: 'nothing heavy is loaded at start' };
  return { ...oneFailed, details: `loaded at start though only a first use needs it: ${early.join(', ')}` };
}

/** Holds what VS Code loads at start-up against its limits. Counts as two tests. */
export function judgeBundle(account: BundleAccount): Judgement {
  const files = loadedAtStart(account);
  const judged = [judgeSize(account, files), judgeContent(account, files)];
  return { ...sum(judged), details: judged.map(({ details }) => details).join('\n') };
}

export async function checkBundle(): Promise<Judgement> {
  const text = await readFile(join(projectRoot, '.cache', 'bundle-meta.json'), 'utf8');
  return judgeBundle(JSON.parse(text) as BundleAccount);
}

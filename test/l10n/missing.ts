// npm run l10n: writes what still has to be translated to test-results/l10n/, and forgets translations of texts that
// are gone. `-- --strict` only tells, and ends with 1 when anything is missing.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { extensionTexts } from './texts.ts';

const bundlePath = 'media/l10n/bundle.l10n.es.json';
const bundle = JSON.parse(await readFile(bundlePath, 'utf8').catch(() => '{}')) as Record<string, string>;
const texts = await extensionTexts();
const missing = texts.filter((text) => !(text in bundle));
console.log(`${texts.length} texts, ${missing.length} not translated.`);
if (process.argv.includes('--strict')) process.exit(missing.length > 0 ? 1 : 0);

const kept = Object.fromEntries(texts.filter((text) => text in bundle).map((text) => [text, bundle[text]]));
await writeFile(bundlePath, `${JSON.stringify(kept, null, 2)}\n`);
await mkdir('test-results/l10n', { recursive: true });
await writeFile('test-results/l10n/missing.json', `${JSON.stringify(missing, null, 2)}\n`);

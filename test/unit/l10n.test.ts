import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { plainTexts } from '../l10n/plainTexts.ts';
import { extensionTexts } from '../l10n/texts.ts';

type Texts = Readonly<Record<string, string>>;

const read = (path: string): Texts => JSON.parse(readFileSync(path, 'utf8')) as Texts;
const spanish = read('media/l10n/bundle.l10n.es.json');
const manifestTexts = read('package.nls.json');
const spanishManifestTexts = read('package.nls.es.json');
const advice =
  'Run `npm run l10n`: it lists what is missing in test-results/l10n/missing.json and forgets what is gone. ' +
  'See docs/languages.md.';

/** What is the same word in both languages: proper names, units, and examples of things typed. */
const sameInSpanish = new Set([
  'Error',
  'JSON Lines',
  'Loopback',
  'No',
  'OpenEMR',
  'OpenEMR Workbench',
  'SHA-256',
  'Sandbox',
  'Token',
  'https://server//oauth2/default',
  'min',
  'ms',
  'user/*.read',
  'user/Patient.rs',
]);

/** Placeholders, icons, links with their commands, web addresses, scopes, and OpenEMR's own paths of menus. */
function fixedParts(text: string): string[] {
  const patterns = [
    /\{[^}]+\}/g,
    /\$\([a-z~-]+\)/g,
    /\]\([^)]+\)/g,
    /https?:\/\/[\w.:/<>-]*\w/g,
    /(?:user|patient|system)\/(?:\w|\*)+\.\w+/g,
    /\b(?:launch\/patient|api:\w+|openid|offline_access|fhirUser)\b/g,
    /Administration → [\w ]+ → (?:API Clients|Connectors)/g,
    /Site Address Override|Enable [Cc]lient|Enable OpenEMR Standard [A-Z ]*REST API/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([part]) => part)).sort();
}

function isSameOnPurpose(text: string): boolean {
  const words = text.replace(/\{[^}]+\}|\$\([^)]+\)/g, '');
  return sameInSpanish.has(text) || !/\p{L}{2,}/u.test(words.replace(/OpenEMR|FHIR|min|ms/g, ''));
}

describe('languages', function () {
  this.timeout(60_000);

  it('has every text in Spanish, and none that is gone', async () => {
    const texts = await extensionTexts();
    const missing = texts.filter((text) => !(text in spanish));
    const known = new Set(texts);
    const leftOver = Object.keys(spanish).filter((text) => !known.has(text));
    assert.deepEqual(
      { missing, leftOver },
      { missing: [], leftOver: [] },
      [
        ...missing.slice(0, 10).map((text) => `Not translated: ${text}`),
        ...leftOver.slice(0, 10).map((text) => `Gone from the code: ${text}`),
        advice,
      ].join('\n'),
    );
  });

  it('names commands, settings, views and the walkthrough in Spanish too', () => {
    const [wanted, found] = [manifestTexts, spanishManifestTexts].map((texts) => Object.keys(texts).sort());
    assert.deepEqual(
      found,
      wanted,
      'package.nls.es.json has the keys of package.nls.json, no more and no less.',
    );
  });

  it('keeps placeholders, icons, links, permissions and the words on OpenEMR’s screens', () => {
    const pairs = [
      ...Object.entries(spanish),
      ...Object.keys(spanishManifestTexts).map((key) => [
        manifestTexts[key] ?? '',
        spanishManifestTexts[key] ?? '',
      ]),
    ] as [string, string][];
    const broken = pairs
      .filter(([english, translated]) => fixedParts(english).join() !== fixedParts(translated).join())
      .map(([english, translated]) => ({ english, translated }));
    assert.deepEqual(broken, []);
  });

  it('leaves nothing in English but names', () => {
    const same = Object.entries({
      ...spanish,
      ...Object.fromEntries(
        Object.entries(spanishManifestTexts).map(([key, text]) => [manifestTexts[key] ?? '', text]),
      ),
    })
      .filter(([english, translated]) => english === translated && !isSameOnPurpose(english))
      .map(([english]) => english);
    assert.deepEqual(same, []);
  });

  it('ends a translated sentence as the English one ends', () => {
    const end = /[.?:…]$/;
    const broken = Object.entries(spanish).filter(
      ([english, translated]) => end.exec(english)?.[0] !== end.exec(translated)?.[0],
    );
    assert.deepEqual(broken, []);
  });
});

describe('texts of the editor’s side', () => {
  /** Examples and names that are the same in every language, and what only the log and reports for support hold. */
  const untranslated = [
    /JSON Lines$/,
    /OpenEMR Workbench$/,
    /VS Code$/,
    /https?:\/\/\S+$/,
    /\$\(check\) …$/,
    /Newest entry: number …, …$/,
    /<!DOCTYPE html>/,
    /<script type="application\/json"/,
  ];

  it('are translatable, all of them', () => {
    const files = [...globSync('src/vscode/**/*.ts'), ...globSync('src/*.ts')];
    assert.ok(files.length > 40);
    const found = files
      .flatMap((path) => plainTexts(path))
      .filter((text) => !untranslated.some((pattern) => pattern.test(text)));
    assert.deepEqual(found, [], 'Wrap these in l10n.t().');
  });

  it('are found where somebody forgets', () => {
    const source = `
      void window.showErrorMessage('Failed');
      const item = { label: isNew ? 'New' : l10n.t('Old'), icon: 'add' };
      const advice = \`Ask \${name} about this server\`;
      throw new TypeError('Not for people to see');
      log.info('Nor is this one here');
    `;
    assert.deepEqual(plainTexts('example.ts', source), [
      'example.ts:2 Failed',
      'example.ts:3 New',
      'example.ts:4 Ask … about this server',
    ]);
  });
});

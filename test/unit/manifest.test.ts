import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { connectionSchema } from '../../src/core/connection/connection.ts';
import * as commandIds from '../../src/vscode/commandIds.ts';

interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly main: string;
  readonly type: string;
  readonly extensionKind: readonly string[];
  readonly activationEvents: readonly string[];
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
    }[];
    readonly menus: {
      readonly commandPalette: readonly { readonly command: string; readonly when: string }[];
    };
    readonly configuration: { readonly properties: Readonly<Record<string, JsonSchema>> };
  };
}

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const manifest = read('package.json') as Manifest;
const texts = read('package.nls.json') as Record<string, string>;
const { commands, configuration, menus } = manifest.contributes;

/** What the palette offers, as people read it and documents name it; some come later. */
const paletteTitles = [
  ...['Configure Connection', 'Register Client', 'Log In', 'Log Out', 'Test Connection', 'Refresh Token'],
  ...[
    'Switch Connection',
    'Run Connection Doctor',
    'Show Token Details',
    'Show Scopes',
    'Open FHIR Resource',
  ],
  ...['Show Audit Log', 'Verify Audit Log', 'Export Audit Log', 'Copy Support Report'],
  ...['Reset Stored Credentials', 'Trust Server Certificate', 'Start Sandbox', 'Stop Sandbox'],
  ...['New Authenticated Terminal', 'Wait for EHR Launch'],
  ...['Quick Connect', 'Export Connections', 'Import Connections'],
];
const firstTitles = [
  ...['Configure Connection', 'Register Client', 'Log In', 'Log Out', 'Test Connection', 'Refresh Token'],
  ...['Switch Connection', 'Trust Server Certificate', 'Start Sandbox', 'Stop Sandbox'],
];

const idOf = (title: string) =>
  title
    .replace(/\b([A-Z])([A-Z]+)\b/g, (_, first: string, rest: string) => `${first}${rest.toLowerCase()}`)
    .replace(/ /g, '')
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase());
const keyIn = (text: string) => /^%(.+)%$/.exec(text)?.[1] ?? '';

/** What people are told of a setting is no part of what it accepts. */
function withoutTexts(schema: JsonSchema): JsonSchema {
  const dropped = ['$schema', 'description', 'markdownDescription', 'order', 'default', 'scope'];
  const entries = Object.entries(schema).filter(
    // zod says "starts with" twice, once in words that no editor knows.
    ([keyword, value]) => !dropped.includes(keyword) && value !== 'starts_with',
  );
  const { properties, items } = schema;
  return {
    ...Object.fromEntries(entries),
    ...(Array.isArray(schema['required']) ? { required: schema['required'].toSorted() } : {}),
    ...(items ? { items: withoutTexts(items) } : {}),
    ...(properties
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, withoutTexts(property)]),
          ),
        }
      : {}),
  };
}

describe('The manifest', () => {
  it('accepts in openemr.connections exactly what the workbench accepts', () => {
    const setting = configuration.properties['openemr.connections'];
    const accepted = z.toJSONSchema(connectionSchema, { target: 'draft-7', io: 'input' }) as JsonSchema;
    assert.equal(setting?.['type'], 'array');
    assert.deepEqual(withoutTexts(setting.items ?? {}), withoutTexts(accepted));
  });

  it('tells something about every property of a connection', () => {
    const { properties = {} } = configuration.properties['openemr.connections']?.items ?? {};
    for (const [name, property] of Object.entries(properties)) {
      assert.equal(property['description'], `%setting.connection.${name}%`);
    }
  });

  it('lets no workspace redirect a login', () => {
    for (const [name, setting] of Object.entries(configuration.properties)) {
      assert.match(name, /^openemr\./);
      assert.equal(setting['scope'], 'application', name);
    }
  });

  /** Contributed for a menu of a view, and kept out of the palette. */
  const isHidden = (command: string) =>
    menus.commandPalette.some((entry) => entry.command === command && entry.when === 'false');
  const inPalette = commands.filter(({ command }) => !isHidden(command));
  const titleOf = ({ title }: { title: string }) => texts[keyIn(title)] ?? '';

  it('contributes the commands of the palette under the titles that documents name', () => {
    const titles = inPalette.map(titleOf);
    assert.deepEqual(
      titles.filter((title) => !paletteTitles.includes(title)),
      [],
    );
    assert.deepEqual(
      firstTitles.filter((title) => !titles.includes(title)),
      [],
    );
    for (const command of inPalette) {
      assert.equal(command.category, 'OpenEMR');
      assert.equal(command.command, `openemr.${idOf(titleOf(command))}`);
    }
  });

  it('has every contributed command answered', () => {
    // Resetting works without any of the others.
    const answered = [...Object.values(commandIds).flat(), 'resetStoredCredentials'].map(
      (id) => `openemr.${id}`,
    );
    const named = [...commands, ...menus.commandPalette].map(({ command }) => command);
    assert.deepEqual(
      named.filter((command) => !answered.includes(command)),
      [],
    );
  });

  it('has a text for every key and a use for every text', () => {
    const text = readFileSync('package.json', 'utf8');
    const used = [...text.matchAll(/"%([^"%]+)%"/g)].map(([, key = '']) => key);
    const unused = Object.keys(texts).filter((key) => !used.includes(key));
    assert.deepEqual(
      used.filter((key) => !texts[key]),
      [],
    );
    assert.deepEqual(unused, []);
  });

  it('wakes the extension at the start, for callbacks and for a panel that a reload left', () => {
    for (const event of ['onStartupFinished', 'onUri', 'onWebviewPanel:openemr.connectionPanel']) {
      assert.ok(manifest.activationEvents.includes(event), event);
    }
    assert.ok(!manifest.activationEvents.includes('*'));
    assert.deepEqual(manifest.extensionKind, ['ui', 'workspace']);
  });

  it('has the name that redirect URIs are made of', () => {
    assert.equal(`${manifest.publisher}.${manifest.name}`, 'emr-workbench.openemr-workbench');
  });

  it('has every script that the documents name', () => {
    const documents = ['README.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)];
    const named = documents
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) => [
        ...readFileSync(path, 'utf8').matchAll(/\bnpm (?:run (?:-s )?)?([a-z][a-z0-9]*(?::[a-z]+)?)/g),
      ])
      .map(([, script = '']) => script)
      .filter((script) => !['packages', 'ci', 'audit'].includes(script));
    assert.ok(named.length > 8);
    assert.deepEqual(
      named.filter((script) => !(script in manifest.scripts)),
      [],
    );
  });

  it('ships an ES module and its assets, and neither source nor tests', () => {
    assert.equal(manifest.type, 'module');
    assert.equal(manifest.main, './dist/extension.js');
    assert.deepEqual(manifest.files.toSorted(), [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'media',
      'package.nls.es.json',
      'package.nls.json',
    ]);
    // The packaging tool refuses a manifest that has both.
    assert.equal(existsSync('.vscodeignore'), false);
  });
});

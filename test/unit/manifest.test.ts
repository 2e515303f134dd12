import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { connectionSchema } from '../../src/core/connection/connection.ts';
import { commandIds } from '../../src/vscode/commandIds.ts';

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
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
    }[];
    readonly menus: { readonly commandPalette: readonly { readonly command: string }[] };
    readonly configuration: { readonly properties: Readonly<Record<string, JsonSchema>> };
  };
}

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const manifest = read('package.json') as Manifest;
const texts = read('package.nls.json') as Record<string, string>;
const { commands, configuration, menus } = manifest.contributes;

/** What the palette offers so far, as people read it. */
const paletteTitles = [
  'Configure Connection',
  'Register Client',
  'Log In',
  'Log Out',
  'Test Connection',
  'Refresh Token',
  'Switch Connection',
  'Trust Server Certificate',
  'Start Sandbox',
  'Stop Sandbox',
];
/** Run by the status bar and by buttons. */
const outsideOfThePalette = ['showMenu', 'showLog'];

const idOf = (title: string) => title.replace(/ /g, '').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
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

  it('contributes the commands of the palette, each under its own title', () => {
    assert.deepEqual(
      commands.map(({ title }) => texts[keyIn(title)]),
      paletteTitles,
    );
    for (const { command, title, category } of commands) {
      assert.equal(category, 'OpenEMR');
      assert.equal(command, `openemr.${idOf(texts[keyIn(title)] ?? '')}`);
      assert.equal(title, `%command.${command.slice('openemr.'.length)}%`);
    }
  });

  it('has every contributed command answered, and every other one kept out of the palette', () => {
    const contributed = commands.map(({ command }) => command.slice('openemr.'.length));
    assert.deepEqual([...contributed, ...outsideOfThePalette].toSorted(), commandIds.toSorted());
    for (const { command } of menus.commandPalette) {
      assert.ok(commands.some((contributedOne) => contributedOne.command === command));
    }
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
    assert.deepEqual(manifest.activationEvents, [
      'onStartupFinished',
      'onUri',
      'onWebviewPanel:openemr.connectionPanel',
    ]);
    assert.deepEqual(manifest.extensionKind, ['ui', 'workspace']);
  });

  it('has the name that redirect URIs are made of', () => {
    assert.equal(`${manifest.publisher}.${manifest.name}`, 'emr-workbench.openemr-workbench');
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
      'package.nls.json',
    ]);
    // The packaging tool refuses a manifest that has both.
    assert.equal(existsSync('.vscodeignore'), false);
  });
});

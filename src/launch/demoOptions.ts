import { parseArgs } from 'node:util';
import { MissingRequirement } from './progress.ts';
import type { Era } from './sandboxServer.ts';
import { parseEra } from './startOptions.ts';

export const demoCallbacks = ['uri-handler', 'loopback', 'paste'] as const;
export type DemoCallback = (typeof demoCallbacks)[number];

/** A running OpenEMR instead of the sandbox. */
export interface RealServer {
  readonly baseUrl: string;
  /** Run after the registration, `{clientId}` filled in; typically enables the client. */
  readonly afterRegister?: string;
  readonly trustCertificate: boolean;
}

export interface DemoOptions {
  readonly era: Era;
  readonly callback: DemoCallback;
  readonly site: string;
  readonly username: string;
  readonly password: string;
  readonly server?: RealServer;
}

const usage =
  'Options of npm run demo: --era 7.0|8.2, --callback uri-handler|loopback|paste, --base-url URL, --site NAME, ' +
  '--username NAME, --password TEXT, --trust-certificate, --after-register "COMMAND with {clientId}".';

function parseCallback(text: string): DemoCallback {
  const known = demoCallbacks.find((callback) => callback === text);
  if (known) return known;
  throw new MissingRequirement(`--callback is ${demoCallbacks.join(', ')}, not "${text}".`);
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        era: { type: 'string', default: '8.2' },
        callback: { type: 'string', default: 'loopback' },
        site: { type: 'string', default: 'default' },
        username: { type: 'string', default: 'admin' },
        password: { type: 'string', default: 'pass' },
        'base-url': { type: 'string' },
        'trust-certificate': { type: 'boolean', default: false },
        'after-register': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new MissingRequirement(`${(error as Error).message} ${usage}`);
  }
}

/** @throws MissingRequirement for options that do not exist, hold nonsense or do not go together. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const values = readArguments(args);
  const { site, username, password, 'base-url': baseUrl, 'after-register': afterRegister } = values;
  if (baseUrl === undefined && afterRegister !== undefined) {
    throw new MissingRequirement(
      '--after-register belongs to --base-url: the sandbox enables its clients itself.',
    );
  }
  return {
    era: parseEra(values.era),
    callback: parseCallback(values.callback),
    site,
    username,
    password,
    ...(baseUrl !== undefined && {
      server: {
        baseUrl,
        trustCertificate: values['trust-certificate'],
        ...(afterRegister !== undefined && { afterRegister }),
      },
    }),
  };
}

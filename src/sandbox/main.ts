import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { eraNames } from './era.ts';
import { startSandbox } from './sandboxServer.ts';
import type { SandboxOptions } from './sandboxServer.ts';

const usage = `A sandbox that answers like OpenEMR, on loopback.

  --era 7.0|8.2                            which OpenEMR (8.2)
  --port NUMBER                            0 takes a free one (0)
  --host-name NAME                         the name in its addresses (127.0.0.1)
  --data generated|recorded                many synthetic patients, or five (generated)
  --redirect-matching exact|ignore-query   how redirect URIs are compared (exact)
  --access-token-lifetime SECONDS          (3600)
  --code-lifetime SECONDS                  (60)
  --tls-key FILE --tls-cert FILE           serve https
  --exit-with-parent                       stop when the IPC channel closes, or else stdin
`;

class UsageError extends Error {}

function readOptions(args: readonly string[]): SandboxOptions & { exitWithParent: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      era: { type: 'string', default: '8.2' },
      port: { type: 'string', default: '0' },
      'host-name': { type: 'string', default: '127.0.0.1' },
      data: { type: 'string', default: 'generated' },
      'redirect-matching': { type: 'string', default: 'exact' },
      'access-token-lifetime': { type: 'string', default: '3600' },
      'code-lifetime': { type: 'string', default: '60' },
      'tls-key': { type: 'string' },
      'tls-cert': { type: 'string' },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  });
  const [key, cert] = [values['tls-key'], values['tls-cert']];
  if ((key === undefined) !== (cert === undefined))
    throw new UsageError('--tls-key and --tls-cert go together.');
  return {
    era: oneOf('--era', values.era, eraNames),
    port: wholeNumber('--port', values.port),
    hostName: values['host-name'],
    data: oneOf('--data', values.data, ['generated', 'recorded']),
    redirectMatching: oneOf('--redirect-matching', values['redirect-matching'], ['exact', 'ignore-query']),
    accessTokenLifetimeSeconds: wholeNumber('--access-token-lifetime', values['access-token-lifetime']),
    codeLifetimeSeconds: wholeNumber('--code-lifetime', values['code-lifetime']),
    ...(key === undefined || cert === undefined
      ? {}
      : { tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } }),
    ...startNoncePart(process.env['OPENEMR_SANDBOX_NONCE']),
    exitWithParent: values['exit-with-parent'],
  };
}

/** Not a command line option: other users of the machine can read those. */
function startNoncePart(startNonce: string | undefined): Pick<SandboxOptions, 'startNonce'> {
  return startNonce ? { startNonce } : {};
}

function oneOf<Choice extends string>(option: string, value: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new UsageError(`${option} takes ${choices.join(' or ')}, not ${value}.`);
  return choice;
}

function wholeNumber(option: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`${option} takes a whole number, not ${value}.`);
  return Number(value);
}

/** The parent is gone when its IPC channel closes, or, where there is none, our stdin. */
function onParentGone(end: () => void): void {
  if (process.channel === undefined) process.stdin.once('end', end).once('error', end).resume();
  else process.once('disconnect', end);
}

async function main(): Promise<void> {
  const { exitWithParent, ...options } = readOptions(process.argv.slice(2));
  const sandbox = await startSandbox(options);
  // `stop` is a function and has no place in JSON: it is left out by itself.
  process.stdout.write(`${JSON.stringify(sandbox)}\n`);
  const end = (): void => {
    void sandbox.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (exitWithParent) onParentGone(end);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 1;
}

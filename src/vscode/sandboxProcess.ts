import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { l10n } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import type { Disposable } from '../core/base/disposable.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import { EventEmitter } from '../core/base/event.ts';
import type { Log } from '../core/ports.ts';

export interface SandboxOptions {
  readonly era?: '7.0' | '8.2';
  /** A free one where absent. */
  readonly port?: number;
}

/** What the sandbox says of itself on its first line. The login is a made-up one. */
export interface SandboxAddress {
  readonly baseUrl: string;
  readonly fhirBaseUrl: string;
  readonly username: string;
  readonly password: string;
}

interface SandboxDependencies {
  /** Path of the sandbox's bundle. */
  readonly script: string;
  readonly clock: Clock;
  readonly log: Log;
}

type SandboxChild = ChildProcessByStdio<Writable, Readable, Readable>;

const startTimeoutMs = 15_000;
const stopTimeoutMs = 2_000;

/** The sandbox OpenEMR as a child process: one at a time, gone with the window that started it. */
export class SandboxProcess implements Disposable {
  readonly #dependencies: SandboxDependencies;
  readonly #changes = new EventEmitter<void>();
  #child: SandboxChild | undefined;
  #starting: Promise<SandboxAddress> | undefined;
  #address: SandboxAddress | undefined;
  /** A secret of this window and the sandbox that it started. */
  #startNonce = '';
  /** The sandbox started, stopped or ended by itself. */
  readonly onDidChange = this.#changes.event;

  constructor(dependencies: SandboxDependencies) {
    this.#dependencies = dependencies;
  }

  /** Present while the sandbox runs. */
  get address(): SandboxAddress | undefined {
    return this.#address;
  }

  /** Starts it, or gives the address of the one that runs. Throws WorkbenchError `sandbox/failed`. */
  start(options: SandboxOptions = {}): Promise<SandboxAddress> {
    return (this.#starting ??= this.#start(options).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    }));
  }

  /**
   * Whether the server at this address is the sandbox that this window started: it answers a fresh challenge with
   * the nonce that only the two know. False for every other server, whatever its address or settings say.
   */
  async isBehind(baseUrl: string, ask: (url: string) => Promise<string>): Promise<boolean> {
    if (this.#address?.baseUrl !== baseUrl) return false;
    const challenge = randomBytes(24).toString('base64url');
    const expected = createHmac('sha256', this.#startNonce).update(challenge).digest();
    try {
      const { proof } = JSON.parse(await ask(`${baseUrl}/sandbox/proof?challenge=${challenge}`)) as {
        proof?: unknown;
      };
      const given = Buffer.from(typeof proof === 'string' ? proof : '', 'base64url');
      return given.length === expected.length && timingSafeEqual(given, expected);
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill();
    const timer = this.#dependencies.clock.schedule(() => child.kill('SIGKILL'), stopTimeoutMs);
    await ended;
    timer.dispose();
  }

  dispose(): void {
    this.#child?.kill();
    this.#changes.dispose();
  }

  async #start({ era = '8.2', port = 0 }: SandboxOptions): Promise<SandboxAddress> {
    const child = this.#spawn(['--era', era, '--port', String(port), '--exit-with-parent']);
    this.#child = child;
    child.once('close', () => this.#ended());
    createInterface({ input: child.stderr }).on('line', (line) =>
      this.#dependencies.log.debug(`Sandbox: ${line}`),
    );
    try {
      this.#address = await this.#addressFrom(child);
    } catch (error) {
      child.kill();
      throw error;
    }
    this.#changes.fire();
    return this.#address;
  }

  #spawn(parameters: readonly string[]): SandboxChild {
    // The editor's own binary is Electron, which must be told to be Node.
    this.#startNonce = randomBytes(32).toString('base64url');
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', OPENEMR_SANDBOX_NONCE: this.#startNonce };
    return spawn(process.execPath, [this.#dependencies.script, ...parameters], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  #addressFrom(child: SandboxChild): Promise<SandboxAddress> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown): void =>
        reject(new WorkbenchError('sandbox/failed', { details: { reason }, cause }));
      const timer = this.#dependencies.clock.schedule(
        () => fail(l10n.t('no address within {0} s', startTimeoutMs / 1000)),
        startTimeoutMs,
      );
      child.once('error', (cause) => fail(l10n.t('the process could not be started'), cause));
      child.once('close', (status) => fail(l10n.t('ended with status {0}', status ?? l10n.t('none'))));
      child.once('close', () => timer.dispose());
      createInterface({ input: child.stdout }).once('line', (line) => {
        timer.dispose();
        const address = readAddress(line);
        if (address) resolve(address);
        else fail(l10n.t('its first line is not an address'));
      });
    });
  }

  #ended(): void {
    const wasRunning = this.#address !== undefined;
    this.#child = undefined;
    this.#starting = undefined;
    this.#address = undefined;
    if (wasRunning) this.#changes.fire();
  }
}

function readAddress(line: string): SandboxAddress | undefined {
  try {
    const { baseUrl, fhirBaseUrl, username, password } = JSON.parse(line) as Record<string, unknown>;
    const parts = [baseUrl, fhirBaseUrl, username, password];
    if (!parts.every((part) => typeof part === 'string')) return undefined;
    return { baseUrl, fhirBaseUrl, username, password } as SandboxAddress;
  } catch {
    return undefined;
  }
}

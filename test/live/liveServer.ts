import type { ServerAddress } from '../../src/core/connection/servers.ts';
import { parseBaseUrl } from '../../src/core/connection/address.ts';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { readServerCertificate } from '../../src/platform/serverCertificate.ts';

/** The OpenEMR that the environment names. */
export interface LiveServer {
  readonly address: ServerAddress;
  readonly username: string;
  readonly password: string;
  /** With `{clientId}` in it. */
  readonly afterRegister: string | undefined;
}

async function trustFrom(
  baseUrl: string,
  env: NodeJS.ProcessEnv,
): Promise<Pick<ServerAddress, 'pinnedCertificate' | 'caFile'>> {
  const caFile = env['OPENEMR_CA'];
  if (caFile) return { caFile };
  if (env['OPENEMR_TRUST'] !== '1' || !baseUrl.startsWith('https:')) return {};
  const { pem, sha256 } = await readServerCertificate(baseUrl);
  return { pinnedCertificate: { pem, sha256 } };
}

/**
 * Reads OPENEMR_BASE_URL, OPENEMR_USERNAME (admin), OPENEMR_PASSWORD (pass), OPENEMR_CA (a PEM file) or
 * OPENEMR_TRUST=1 (whatever certificate the server shows now) and OPENEMR_AFTER_REGISTER.
 */
export async function liveServerFrom(env: NodeJS.ProcessEnv): Promise<LiveServer> {
  const { baseUrl, site = 'default' } = parseBaseUrl(env['OPENEMR_BASE_URL'] ?? '');
  return {
    address: { baseUrl, site, ...(await trustFrom(baseUrl, env)) },
    username: env['OPENEMR_USERNAME'] ?? 'admin',
    password: env['OPENEMR_PASSWORD'] ?? 'pass',
    afterRegister: env['OPENEMR_AFTER_REGISTER'],
  };
}

/** Runs the command that does the administrator's part, through the shell as it was written. */
export async function runAfterRegister(command: string, clientId: string): Promise<void> {
  if (!/^[\w.~-]+$/.test(clientId)) throw new Error('The client id holds what no command should get.');
  const { status, output } = await runToEnd(command.replaceAll('{clientId}', clientId), [], { shell: true });
  if (status !== 0) throw new Error(`OPENEMR_AFTER_REGISTER ended with status ${status}:\n${output}`);
}

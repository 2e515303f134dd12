import { sendJson } from './httpClient.ts';
import type { RecordedSection } from './recordings.ts';

/**
 * What wire/README.md says was done beside the recorded requests, by the name of the section: settings, the
 * database, the clock. `after` puts it back.
 */
export interface Circumstances {
  readonly before: () => Promise<void>;
  readonly after: () => Promise<void>;
}

export function circumstancesOf(baseUrl: string, section: RecordedSection): Circumstances {
  const settings = settingsOf(section.name);
  const tokens = tokenTreatment(section.name);
  return {
    before: async () => {
      if (settings !== undefined) await sendJson(`${baseUrl}/sandbox/settings`, 'PUT', settings.changed);
      if (tokens !== undefined) await sendJson(`${baseUrl}/sandbox/tokens/${tokens}`, 'POST', {});
    },
    after: async () => {
      if (settings !== undefined)
        await sendJson(`${baseUrl}/sandbox/settings`, 'PUT', settings.usual(baseUrl));
      if (tokens !== undefined) await sendJson(`${baseUrl}/sandbox/tokens/${tokens}`, 'POST', { undo: true });
      const wait = /then wait (\d+) s/.exec(section.name)?.[1];
      if (wait !== undefined) await advanceClock(baseUrl, Number(wait));
    },
  };
}

export async function advanceClock(baseUrl: string, advanceSeconds: number): Promise<void> {
  await sendJson(`${baseUrl}/sandbox/clock`, 'POST', { advanceSeconds });
}

export async function setEnabled(baseUrl: string, clientId: string, enabled: boolean): Promise<void> {
  const action = enabled ? 'enable' : 'disable';
  await sendJson(`${baseUrl}/sandbox/clients/${clientId}/${action}`, 'POST', {});
}

interface SettingsChange {
  readonly changed: Readonly<Record<string, unknown>>;
  readonly usual: (baseUrl: string) => Readonly<Record<string, unknown>>;
}

function settingsOf(name: string): SettingsChange | undefined {
  const one = /^globals (\w+)=0:/.exec(name)?.[1];
  if (one !== undefined) return { changed: { [one]: 0 }, usual: () => ({ [one]: 1 }) };
  if (name.startsWith('all API globals off:')) return { changed: apis(0), usual: () => apis(1) };
  if (name.startsWith('site_addr_oath empty:')) {
    return { changed: { site_addr_oath: '' }, usual: (baseUrl) => ({ site_addr_oath: baseUrl }) };
  }
  if (/\bpassword grant\b/.test(name)) {
    return { changed: { oauth_password_grant: 3 }, usual: () => ({ oauth_password_grant: 0 }) };
  }
  return undefined;
}

function apis(value: 0 | 1): Record<string, number> {
  return { rest_api: value, rest_fhir_api: value, rest_portal_api: value };
}

function tokenTreatment(name: string): 'expire' | 'revoke' | undefined {
  if (name.includes('revoked in DB')) return 'revoke';
  return name.includes('expired in DB') ? 'expire' : undefined;
}

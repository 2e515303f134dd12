/** OpenEMR's globals that bear on the APIs; `site_addr_oath` empty means: take it from the request. */
export interface Settings {
  rest_api: boolean;
  rest_fhir_api: boolean;
  rest_portal_api: boolean;
  rest_system_scopes_api: boolean;
  /** 0 off, 1 users, 2 patients, 3 both. */
  oauth_password_grant: number;
  /** 0 only what needs it, 1 every client waits for the administrator. */
  oauth_app_manual_approval: number;
  site_addr_oath: string;
}

export function defaultSettings(): Settings {
  return {
    rest_api: true,
    rest_fhir_api: true,
    rest_portal_api: true,
    rest_system_scopes_api: true,
    oauth_password_grant: 0,
    oauth_app_manual_approval: 0,
    site_addr_oath: '',
  };
}

/** Changes the named globals; answers the names that no global has or whose value does not fit. */
export function changeSettings(settings: Settings, changes: Readonly<Record<string, unknown>>): string[] {
  const refused: string[] = [];
  for (const [name, value] of Object.entries(changes)) {
    if (!applyOne(settings, name, value)) refused.push(name);
  }
  return refused;
}

function applyOne(settings: Settings, name: string, value: unknown): boolean {
  switch (name) {
    case 'rest_api':
    case 'rest_fhir_api':
    case 'rest_portal_api':
    case 'rest_system_scopes_api':
      settings[name] = value === true || value === 1 || value === '1';
      return true;
    case 'oauth_password_grant':
    case 'oauth_app_manual_approval':
      if (!Number.isInteger(Number(value))) return false;
      settings[name] = Number(value);
      return true;
    case 'site_addr_oath':
      if (typeof value !== 'string') return false;
      settings[name] = value;
      return true;
    default:
      return false;
  }
}

export function everyApiOff(settings: Settings): boolean {
  return !settings.rest_api && !settings.rest_fhir_api && !settings.rest_portal_api;
}

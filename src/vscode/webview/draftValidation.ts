import { l10n } from 'vscode';
import { isWorkbenchError, toWorkbenchError } from '../../core/base/errors.ts';
import { isSameHost, parseBaseUrl, siteSchema } from '../../core/connection/address.ts';
import { connectionSchema, type Connection } from '../../core/connection/connection.ts';
import { isScopeAllowedFor } from '../../core/oauth/scope.ts';
import type { ConnectionDraft, FieldProblem } from '../../protocol/viewModels.ts';
import { errorTextOf } from '../errorTexts.ts';

/** What is wrong with the form, field by field, and what will become of it when it is saved. */
export function draftProblems(draft: ConnectionDraft, otherNames: readonly string[]): FieldProblem[] {
  return [
    ...nameProblems(draft.name.trim(), otherNames),
    ...addressProblems(draft),
    ...siteProblems(draft.site.trim()),
    ...clientIdProblems(draft.clientId.trim()),
    ...scopeProblems(draft),
  ];
}

/** The form as a connection, or `undefined` while it has errors. */
export function connectionFromDraft(
  id: string,
  draft: ConnectionDraft,
  former: Connection | undefined,
): Connection | undefined {
  const address = addressOf(draft);
  if (!address) return undefined;
  const clientId = draft.clientId.trim();
  const isSameClient = former?.clientId === clientId && former.baseUrl === address.baseUrl;
  const { registeredRedirectUris, registeredScopes, pinnedCertificate, caFile, environment } = former ?? {};
  const parsed = connectionSchema.safeParse({
    id,
    name: draft.name.trim(),
    ...address,
    clientType: draft.clientType,
    ...(clientId ? { clientId } : {}),
    scopes: draft.scopes,
    callback: draft.callback,
    ...(isSameClient && registeredRedirectUris ? { registeredRedirectUris } : {}),
    ...(isSameClient && registeredScopes ? { registeredScopes } : {}),
    ...(former && isSameHost(former.baseUrl, address.baseUrl) && pinnedCertificate
      ? { pinnedCertificate }
      : {}),
    ...(caFile ? { caFile } : {}),
    ...(environment ? { environment } : {}),
  });
  return parsed.success ? parsed.data : undefined;
}

/** Address and site in their plain form; a site that the pasted address names wins over the default one. */
export function addressOf(draft: ConnectionDraft): { baseUrl: string; site: string } | undefined {
  try {
    const { baseUrl, site: pastedSite } = parseBaseUrl(draft.baseUrl);
    const typedSite = draft.site.trim();
    const site =
      pastedSite && (typedSite === '' || typedSite === 'default') ? pastedSite : typedSite || 'default';
    return siteSchema.safeParse(site).success ? { baseUrl, site } : undefined;
  } catch (error) {
    if (isWorkbenchError(error)) return undefined;
    throw error;
  }
}

function nameProblems(name: string, otherNames: readonly string[]): FieldProblem[] {
  if (!name)
    return [problem('name', l10n.t('Give the connection a name, for example that of the practice.'))];
  if (name.length > 80) return [problem('name', l10n.t('Use 80 characters or fewer.'))];
  if (otherNames.includes(name))
    return [problem('name', l10n.t('Another connection has this name already.'))];
  return [];
}

function addressProblems(draft: ConnectionDraft): FieldProblem[] {
  if (!draft.baseUrl.trim())
    return [problem('baseUrl', l10n.t('Enter the address at which you open OpenEMR.'))];
  try {
    const { baseUrl } = parseBaseUrl(draft.baseUrl);
    if (baseUrl === draft.baseUrl) return [];
    return [hint('baseUrl', l10n.t('Will be saved as {baseUrl}', { baseUrl }))];
  } catch (error) {
    const { happened, remedy } = errorTextOf(toWorkbenchError(error));
    return [problem('baseUrl', `${happened} ${remedy}`)];
  }
}

function siteProblems(site: string): FieldProblem[] {
  if (!site || siteSchema.safeParse(site).success) return [];
  return [
    problem(
      'site',
      l10n.t('A site has letters, digits, dots and hyphens only. Most practices use "default".'),
    ),
  ];
}

function clientIdProblems(clientId: string): FieldProblem[] {
  if (!clientId || /^[\x21-\x7e]{1,256}$/.test(clientId)) return [];
  return [
    problem('clientId', l10n.t('A client ID has no blanks or special letters. Copy it as OpenEMR shows it.')),
  ];
}

function scopeProblems({ scopes, clientType }: ConnectionDraft): FieldProblem[] {
  if (scopes.length === 0) return [problem('scopes', l10n.t('Choose at least one permission.'))];
  const refused = scopes.filter((scope) => !isScopeAllowedFor(scope, clientType));
  if (refused.length === 0) return [];
  const message = l10n.t('OpenEMR does not give these to public clients: {scopes}', {
    scopes: refused.join(', '),
  });
  return [problem('scopes', message)];
}

function problem(field: FieldProblem['field'], message: string): FieldProblem {
  return { field, severity: 'error', message };
}

function hint(field: FieldProblem['field'], message: string): FieldProblem {
  return { field, severity: 'hint', message };
}

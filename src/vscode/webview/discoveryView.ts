import { l10n } from 'vscode';
import type { Contradiction } from '../../core/oauth/discoveryContradictions.ts';
import { siteEndpoints } from '../../core/oauth/issuer.ts';
import type { ServerDiscovery } from '../../core/oauth/serverDiscovery.ts';
import type { DiscoveryDocument, DiscoveryView } from '../../protocol/viewModels.ts';
import { scopeChoices } from '../scopeTexts.ts';
import { countText } from '../formats.ts';

/** What a server says of itself, in words, and where its documents contradict each other. */
export function discoveryView(
  address: { baseUrl: string; site: string },
  discovery: ServerDiscovery,
): DiscoveryView {
  const { openEmrVersion, fhirVersion, metadata, contradictions } = discovery;
  return {
    baseUrl: address.baseUrl,
    site: address.site,
    ...(openEmrVersion ? { openEmrVersion } : {}),
    ...(fhirVersion ? { fhirVersion } : {}),
    documents: documents(address, discovery),
    contradictions: contradictions.map(contradictionText),
    scopeChoices: scopeChoices(metadata.scopesSupported),
  };
}

function documents(
  address: { baseUrl: string; site: string },
  discovery: ServerDiscovery,
): DiscoveryDocument[] {
  const endpoints = siteEndpoints(address);
  const { metadata, smart, fhirVersion } = discovery;
  return [
    {
      name: l10n.t('OpenID configuration'),
      url: endpoints.openIdConfiguration,
      state: 'read',
      says: [
        l10n.t('The server calls itself (issuer): {issuer}', { issuer: metadata.issuer }),
        countText(
          metadata.scopesSupported.length,
          l10n.t('One permission (scope) can be asked for.'),
          l10n.t('{count} permissions (scopes) can be asked for.', {
            count: metadata.scopesSupported.length,
          }),
        ),
        metadata.registrationEndpoint
          ? l10n.t('Apps can register themselves.')
          : l10n.t('Apps cannot register themselves; an administrator has to do it.'),
      ],
    },
    {
      name: l10n.t('SMART configuration'),
      url: endpoints.smartConfiguration,
      state: smart ? 'read' : 'missing',
      says: smart ? [abilitiesText(smart.capabilities.length)] : [],
    },
    {
      name: l10n.t('Capability statement'),
      url: endpoints.capabilityStatement,
      state: fhirVersion ? 'read' : 'missing',
      says: fhirVersion ? [l10n.t('FHIR {fhirVersion}', { fhirVersion })] : [],
    },
  ];
}

function contradictionText({ expected, found, where }: Contradiction): string {
  return l10n.t(
    '{where} says {found}, where {expected} was expected. OpenEMR takes this from Administration → Config → Connectors → Site Address Override.',
    { where, found, expected },
  );
}

function abilitiesText(count: number): string {
  return countText(
    count,
    l10n.t('One ability is listed.'),
    l10n.t('{count} abilities are listed.', { count }),
  );
}

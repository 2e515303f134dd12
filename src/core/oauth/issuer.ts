/** Where OpenEMR puts things for one site (reference: OpenEMR API documentation, "Authorization" and "FHIR"). */
export interface SiteEndpoints {
  readonly issuer: string;
  readonly openIdConfiguration: string;
  readonly fhirBaseUrl: string;
  readonly smartConfiguration: string;
  readonly capabilityStatement: string;
  readonly version: string;
  /** The screen where an administrator enables clients: Administration → System → API Clients. */
  readonly apiClientsScreen: string;
  /** The screen with the switches of the APIs: Administration → Config. */
  readonly connectorsScreen: string;
}

export function siteEndpoints(connection: { baseUrl: string; site: string }): SiteEndpoints {
  const { baseUrl, site } = connection;
  const issuer = `${baseUrl}/oauth2/${site}`;
  const fhirBaseUrl = `${baseUrl}/apis/${site}/fhir`;
  return {
    issuer,
    openIdConfiguration: `${issuer}/.well-known/openid-configuration`,
    fhirBaseUrl,
    smartConfiguration: `${fhirBaseUrl}/.well-known/smart-configuration`,
    capabilityStatement: `${fhirBaseUrl}/metadata`,
    version: `${baseUrl}/apis/${site}/api/version`,
    apiClientsScreen: `${baseUrl}/interface/smart/admin-client.php`,
    connectorsScreen: `${baseUrl}/interface/super/edit_globals.php`,
  };
}

/** The base URL that an issuer of OpenEMR's shape stands for, or `undefined` for another shape or site. */
export function baseUrlOfIssuer(issuer: string, site: string): string | undefined {
  const ending = `/oauth2/${site}`;
  return issuer.endsWith(ending) ? issuer.slice(0, -ending.length) : undefined;
}

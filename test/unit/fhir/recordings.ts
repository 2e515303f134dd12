/** Bodies as two running servers gave them, shortened; patients made up. */
export const connection = { baseUrl: 'https://emr.example.org', site: 'default' };
export const fhirBaseUrl = 'https://emr.example.org/apis/default/fhir';

export const unauthorised70 = (hint: string): object => ({
  error: 'access_denied',
  error_description: 'The resource owner or authorization server denied the request.',
  hint,
  message: 'The resource owner or authorization server denied the request.',
});
export const fault82 = (message: string, code = 0): object => ({ error: 'An error occurred', message, code });

const capabilities = [
  { valueCode: 'launch-ehr', url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/capabilities' },
];
const resource = [{ type: 'AllergyIntolerance' }, { type: 'Patient' }];
const statement = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  kind: 'instance',
  implementation: { description: 'OpenEMR FHIR API', url: fhirBaseUrl },
  fhirVersion: '4.0.1',
  format: ['application/json'],
};
const oauth = 'https://emr.example.org/oauth2/default';

export const statement70 = {
  ...statement,
  software: { name: 'OpenEMR', version: '7.0.4' },
  rest: [
    {
      mode: 'server',
      security: {
        extension: [
          {
            extension: [
              { valueUri: `${oauth}/token`, url: 'token' },
              { valueUri: `${oauth}/authorize`, url: 'authorize' },
              { url: 'nothing' },
            ],
            url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
          },
          ...capabilities,
        ],
      },
      resource,
    },
  ],
};
export const statement82 = {
  ...statement,
  software: { name: 'OpenEMR' },
  rest: [{ mode: 'server', security: { extension: capabilities }, resource }],
};
export const version82 = {
  v_major: 8,
  v_minor: 2,
  v_patch: 0,
  v_realpatch: 0,
  v_tag: '-dev',
  v_database: 541,
  v_acl: 13,
};
export const unknownSite82 = `${JSON.stringify(
  fault82('OpenEMR Error: api site error, so forced exit.  Please ensure that the site is set up correctly.'),
)}{"error":"An error occurred while processing the request.","message":"Session has not been set."}`;

export function patientEntry(number: number): object {
  const id = `a349cdaa-6d9d-4cd6-91e2-${String(number).padStart(12, '0')}`;
  return {
    fullUrl: `${fhirBaseUrl}/Patient/${id}`,
    resource: {
      id,
      resourceType: 'Patient',
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"> <p>Zoë \\ {O]"Hara}</p></div>',
      },
      name: [{ family: `O"Hara ${number} \\`, given: ['Zoë {', '[', 'entry'] }],
    },
  };
}

export function bundle(entries: object[]): object {
  return {
    meta: { lastUpdated: '2026-11-22T19:46:13' },
    resourceType: 'Bundle',
    type: 'collection',
    total: entries.length,
    link: [{ relation: 'self', url: `${fhirBaseUrl}/Patient` }],
    ...(entries.length ? { entry: entries } : {}),
  };
}

/** A server with so many patients, which pages as OpenEMR does. */
export function patientsAnswer(total: number, url: string): object {
  const query = new URL(url).searchParams;
  const offset = Number(query.get('_offset') ?? 0);
  const size = Math.min(Number(query.get('_count')), Math.max(0, total - offset));
  return bundle(Array.from({ length: size }, (_, index) => patientEntry(offset + index)));
}

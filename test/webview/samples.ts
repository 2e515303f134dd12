import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import type {
  CertificateView,
  ConnectionDraft,
  DiscoveryView,
  PanelViewModel,
  PresentedError,
  TestReport,
  TestRow,
} from '../../src/protocol/viewModels.ts';
import { scopeChoices } from '../../src/vscode/scopeTexts.ts';

const confidential = [...defaultScopesFor('confidential')];
const patientScopes = [...defaultScopesFor('public')];

export const emptyDraft: ConnectionDraft = {
  name: '',
  baseUrl: '',
  site: 'default',
  clientType: 'confidential',
  clientId: '',
  scopes: confidential,
  callback: 'automatic',
};

export const savedDraft: ConnectionDraft = {
  ...emptyDraft,
  name: 'Clinic A',
  baseUrl: 'https://emr.example.org/openemr',
  clientId: 'Qm9nwz4UzmyTkGJm0d5sDg8qT6cZ0Yy2eX8R3kqbpLA',
};

const signedOut: PanelViewModel['session'] = {
  state: 'none',
  label: 'Signed out',
  tone: 'neutral',
  canRefresh: false,
  scopesGranted: [],
  scopesMissing: [],
};

export function newConnection(change: Partial<PanelViewModel> = {}): PanelViewModel {
  return {
    saved: emptyDraft,
    hasClientSecret: false,
    step: 'connect',
    clientState: 'none',
    session: signedOut,
    scopeChoices: scopeChoices([...confidential, ...patientScopes]),
    defaultScopes: { confidential, public: patientScopes },
    clients: [],
    ...change,
  };
}

export function savedConnection(change: Partial<PanelViewModel> = {}): PanelViewModel {
  return newConnection({
    connectionId: 'clinic-a',
    saved: savedDraft,
    hasClientSecret: true,
    step: 'logIn',
    clientState: 'enabled',
    discovery,
    clients: [
      {
        clientId: savedDraft.clientId,
        name: 'OpenEMR Workbench (Clinic A)',
        registeredAt: Date.UTC(2026, 4, 4, 9, 30),
        isCurrent: true,
      },
      {
        clientId: 'b7Zk3m1hV9p',
        name: 'OpenEMR Workbench (Clinic A)',
        registeredAt: Date.UTC(2026, 3, 1, 14, 5),
        isCurrent: false,
      },
    ],
    ...change,
  });
}

export function signedIn(change: Partial<PanelViewModel> = {}): PanelViewModel {
  return savedConnection({
    step: 'verify',
    session: {
      state: 'valid',
      label: 'Signed in',
      tone: 'good',
      expiresAt: Date.now() + 42.5 * 60_000,
      loggedInAt: Date.now() - 17 * 60_000,
      canRefresh: true,
      scopesGranted: confidential.slice(0, 7),
      scopesMissing: confidential.slice(7),
      user: 'Administrator',
    },
    ...change,
  });
}

const manyResources = [
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'Condition',
  'Encounter',
  'Immunization',
];
export const discovery: DiscoveryView = {
  baseUrl: 'https://emr.example.org/openemr',
  site: 'default',
  openEmrVersion: '8.2.0',
  fhirVersion: '4.0.1',
  documents: [
    {
      name: 'OpenID configuration',
      url: 'https://emr.example.org/openemr/oauth2/default/.well-known/openid-configuration',
      state: 'read',
      says: [
        'Sign-in page (authorization endpoint): https://emr.example.org/openemr/oauth2/default/authorize',
      ],
    },
    {
      name: 'SMART configuration',
      url: 'https://emr.example.org/openemr/apis/default/fhir/.well-known/smart-configuration',
      state: 'read',
      says: ['Permissions offered: 214'],
    },
    {
      name: 'Capability statement',
      url: 'https://emr.example.org/openemr/apis/default/fhir/metadata',
      state: 'read',
      says: ['FHIR 4.0.1, 31 kinds of records'],
    },
  ],
  contradictions: [
    'The SMART configuration names another issuer than the OpenID configuration. The latter is used.',
  ],
  scopeChoices: scopeChoices([
    ...manyResources.flatMap((name) => [`user/${name}.read`, `patient/${name}.read`]),
    'api:oemr',
  ]),
};

export const failure: PresentedError = {
  code: 'grant/client-refused',
  happened: 'OpenEMR refused to hand out a token.',
  why: 'This client is registered but not yet enabled.',
  remedy: 'Ask an administrator to enable it under Administration → System → API Clients.',
  action: { id: 'waitUntilEnabled', label: 'Wait until it is enabled' },
  details: ['status: 401', 'endpoint: /oauth2/default/token'],
};

export const certificate: CertificateView = {
  subject: 'CN=emr.example.org, O=Clinic A',
  issuer: 'CN=emr.example.org, O=Clinic A',
  validFrom: Date.UTC(2025, 0, 1),
  validTo: Date.UTC(2035, 0, 1),
  sha256: Array.from({ length: 32 }, (_, index) =>
    (index * 7 + 16).toString(16).padStart(2, '0').toUpperCase(),
  ).join(':'),
  selfSigned: true,
};

export const testRows: TestRow[] = [
  {
    id: 'server',
    check: 'Server answers',
    result: 'pass',
    ms: 31,
    meaning: 'OpenEMR can be reached from here.',
  },
  {
    id: 'certificate',
    check: 'Certificate',
    result: 'pass',
    ms: 12,
    meaning: 'The server proved its identity.',
  },
  {
    id: 'capability',
    check: 'FHIR interface',
    result: 'pass',
    ms: 88,
    meaning: 'OpenEMR 8.2.0 offers FHIR 4.0.1.',
    details: ['GET /apis/default/fhir/metadata', '200 application/json'],
  },
  {
    id: 'patient-count',
    check: 'Patients',
    result: 'pass',
    ms: 143,
    meaning: 'This login may see 120 patients.',
    patientCount: { count: 120, atLeast: false },
  },
  {
    id: 'observation',
    check: 'Observations can be read',
    result: 'fail',
    ms: 40,
    meaning:
      'You may log in, but this login does not include Observations. Permission user/Observation.read was not granted.',
    action: { id: 'chooseScopes', label: 'Choose permissions' },
  },
];

export function testReport(change: Partial<TestReport> = {}): TestReport {
  return {
    rows: testRows,
    startedAt: Date.UTC(2026, 4, 4, 10, 0),
    durationMs: 412,
    openEmrVersion: '8.2.0',
    fhirVersion: '4.0.1',
    scopesGranted: confidential,
    context: 'user',
    wasCancelled: false,
    ...change,
  };
}

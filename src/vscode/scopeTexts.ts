import { l10n } from 'vscode';
import { isScopeAllowedFor } from '../core/oauth/scope.ts';
import type { ScopeChoice } from '../protocol/viewModels.ts';

const special: Record<string, () => string> = {
  openid: () => l10n.t('Says who logged in.'),
  offline_access: () => l10n.t('Lets the login be renewed without asking again.'),
  online_access: () => l10n.t('Has no effect in OpenEMR.'),
  fhirUser: () => l10n.t('Tells which person in OpenEMR the login belongs to.'),
  profile: () => l10n.t('Name and further facts about the person who logged in.'),
  launch: () => l10n.t('For apps that are started from inside OpenEMR.'),
  'launch/patient': () => l10n.t('Asks for one patient at login; everything then concerns that patient.'),
  'api:fhir': () => l10n.t('Use of the FHIR interface.'),
  'api:oemr': () => l10n.t("Use of OpenEMR's own interface."),
  'api:port': () => l10n.t('Use of the patient portal interface.'),
};

const records: Record<string, () => string> = {
  AllergyIntolerance: () => l10n.t('allergies'),
  Appointment: () => l10n.t('appointments'),
  CarePlan: () => l10n.t('care plans'),
  CareTeam: () => l10n.t('care teams'),
  Condition: () => l10n.t('problems and diagnoses'),
  Coverage: () => l10n.t('insurance'),
  Device: () => l10n.t('implanted devices'),
  DiagnosticReport: () => l10n.t('reports of findings'),
  DocumentReference: () => l10n.t('documents'),
  Encounter: () => l10n.t('visits'),
  Goal: () => l10n.t('treatment goals'),
  Immunization: () => l10n.t('immunizations'),
  Location: () => l10n.t('places'),
  Medication: () => l10n.t('medicines'),
  MedicationRequest: () => l10n.t('prescriptions'),
  Observation: () => l10n.t('vital signs and laboratory results'),
  Organization: () => l10n.t('organizations'),
  Patient: () => l10n.t('names, contact and master data'),
  Practitioner: () => l10n.t('doctors and other staff'),
  Procedure: () => l10n.t('procedures'),
  Provenance: () => l10n.t('where records came from'),
};

/** The types of records that have a name of their own, by type. */
export function recordNames(): Partial<Record<string, string>> {
  return Object.fromEntries(Object.entries(records).map(([type, name]) => [type, name()]));
}

const resourceScope = /^(user|patient|system)\/([A-Za-z_]+)\.(read|write|[cruds]+)(?:\?(.+))?$/;

/** What a permission allows, in a sentence. */
export function explainScope(scope: string): string {
  const text = special[scope]?.();
  if (text) return text;
  const [, context, resource, interaction, filter] = resourceScope.exec(scope) ?? [];
  if (!context || !resource || !interaction) return l10n.t('A permission that OpenEMR offers.');
  const sentence = sentenceFor(interaction, records[resource]?.() ?? resource, context);
  return filter ? l10n.t('{sentence} Limited to {filter}.', { sentence, filter }) : sentence;
}

function sentenceFor(interaction: string, record: string, context: string): string {
  const data = whose(context);
  if (interaction === 'read' || /^[rs]+$/.test(interaction))
    return l10n.t('See {record}, {data}.', { record, data });
  if (interaction === 'write' || /^[cud]+$/.test(interaction)) {
    return l10n.t('Change {record}, {data}.', { record, data });
  }
  return l10n.t('See and change {record}, {data}.', { record, data });
}

function whose(context: string): string {
  if (context === 'patient') return l10n.t('of the one patient chosen at login');
  if (context === 'user') return l10n.t('as far as the person who logs in may see them');
  return l10n.t('of the whole practice, without a person');
}

/** The permissions to choose from, in the order given, without repetition. */
export function scopeChoices(scopes: Iterable<string>): ScopeChoice[] {
  return [...new Set(scopes)].map((scope) => ({
    scope,
    explanation: explainScope(scope),
    allowedFor: (['confidential', 'public'] as const).filter((type) => isScopeAllowedFor(scope, type)),
  }));
}

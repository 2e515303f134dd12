import { l10n } from 'vscode';
import { isScopeAllowedFor } from '../core/oauth/scope.ts';
import type { ScopeChoice } from '../protocol/viewModels.ts';

const nameOfUser = () => l10n.t('Name of the person who logged in.');
const contactOfUser = () => l10n.t('Contact details of the person who logged in.');
const special: Record<string, () => string> = {
  openid: () => l10n.t('Says who logged in.'),
  offline_access: () => l10n.t('Lets the login be renewed without asking again.'),
  online_access: () => l10n.t('Has no effect in OpenEMR.'),
  fhirUser: () => l10n.t('Tells which person in OpenEMR the login belongs to.'),
  name: nameOfUser,
  given_name: nameOfUser,
  family_name: nameOfUser,
  nickname: nameOfUser,
  phone: contactOfUser,
  phone_verified: contactOfUser,
  email: contactOfUser,
  email_verified: contactOfUser,
  address: contactOfUser,
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
  Binary: () => l10n.t('contents of documents'),
  CarePlan: () => l10n.t('care plans'),
  CareTeam: () => l10n.t('care teams'),
  Condition: () => l10n.t('problems and diagnoses'),
  Coverage: () => l10n.t('insurance'),
  Device: () => l10n.t('implanted devices'),
  DiagnosticReport: () => l10n.t('reports of findings'),
  DocumentReference: () => l10n.t('documents'),
  Encounter: () => l10n.t('visits'),
  Goal: () => l10n.t('treatment goals'),
  Group: () => l10n.t('groups of patients'),
  Immunization: () => l10n.t('immunizations'),
  Location: () => l10n.t('places'),
  Media: () => l10n.t('pictures and other media'),
  Medication: () => l10n.t('medicines'),
  MedicationDispense: () => l10n.t('medicines that were handed out'),
  MedicationRequest: () => l10n.t('prescriptions'),
  Observation: () => l10n.t('vital signs and laboratory results'),
  OperationDefinition: () => l10n.t('what the server can do beside reading'),
  Organization: () => l10n.t('organizations'),
  Patient: () => l10n.t('demographics (name, date of birth, contact)'),
  Person: () => l10n.t('people as such: staff, patients, contacts'),
  Practitioner: () => l10n.t('doctors and other staff'),
  PractitionerRole: () => l10n.t('tasks of staff'),
  Procedure: () => l10n.t('procedures'),
  Provenance: () => l10n.t('where records came from'),
  Questionnaire: () => l10n.t('forms'),
  QuestionnaireResponse: () => l10n.t('forms that were filled in'),
  RelatedPerson: () => l10n.t('relatives and other contacts'),
  ServiceRequest: () => l10n.t('orders'),
  Specimen: () => l10n.t('samples'),
  ValueSet: () => l10n.t('lists of choices'),
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
  if (/\.\$export$|\.\$bulkdata-status$/.test(scope))
    return l10n.t('Export of whole sets of records, without a person.');
  if (scope.startsWith('site:'))
    return l10n.t('Names the OpenEMR site this login belongs to. OpenEMR adds it.');
  if (!context || !resource || !interaction) return l10n.t('A permission that OpenEMR offers.');
  const sentence = sentenceFor(interaction, recordName(resource), context);
  return filter ? l10n.t('{sentence} Limited to {filter}.', { sentence, filter }) : sentence;
}

/** OpenEMR's own interface writes its records in small letters: there `patient` is another permission than FHIR's. */
function recordName(resource: string): string {
  const isOwnInterface = /^[a-z]/.test(resource);
  const words = resource.replaceAll('_', ' ');
  return isOwnInterface ? l10n.t("{0} in OpenEMR's own interface", words) : (records[resource]?.() ?? words);
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

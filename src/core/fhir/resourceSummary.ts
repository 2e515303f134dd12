import { mask, maskResource } from './masking.ts';
import type { FhirResource } from './fhirExplorer.ts';

/** A resource in one line of a table, and the records that it refers to. */
export interface ResourceSummary {
  readonly id: string;
  readonly what: string;
  readonly state: string;
  readonly about: string;
  readonly updated: string;
  readonly isMasked: boolean;
}

const referencePattern = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/;

/** What a table shows. Masked, it is made from nothing but the masked resource, so that it cannot say more. */
export function summaryOf(resource: FhirResource, isRevealed: boolean): ResourceSummary {
  const seen = isRevealed ? resource : (maskResource(resource) as Readonly<Record<string, unknown>>);
  return {
    id: firstText(textIn(seen, 'id')),
    what: whatOf(seen),
    state: firstText(seen['status'], activity(seen['active']), codeIn(seen['clinicalStatus'])),
    about: firstText(referenceIn(seen['subject']), referenceIn(seen['patient']), seen['birthDate']),
    updated: firstText(textIn(seen['meta'], 'lastUpdated')),
    isMasked: !isRevealed,
  };
}

function whatOf(resource: Readonly<Record<string, unknown>>): string {
  return firstText(
    humanName(resource['name']),
    resource['name'],
    codeIn(resource['code']),
    codeIn(resource['medicationCodeableConcept']),
    codeIn(resource['vaccineCode']),
    codeIn(resource['type']),
    codeIn(resource['category']),
    resource['description'],
  );
}

/** Patients and people have no status but a flag. */
function activity(active: unknown): string | undefined {
  return typeof active === 'boolean' ? (active ? 'active' : 'inactive') : undefined;
}

function humanName(value: unknown): string | undefined {
  const [first] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof first !== 'object' || first === null) return undefined;
  const { given, family, text } = first as Record<string, unknown>;
  const parts = [...(Array.isArray(given) ? (given as unknown[]) : []), family];
  const names = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  if (names.every((name) => name === mask)) return names.length > 0 ? mask : undefined;
  return names.length > 0 ? names.join(' ') : typeof text === 'string' ? text : undefined;
}

/** A CodeableConcept by its text, its first display or its first code, whichever may be seen. */
function codeIn(value: unknown): string | undefined {
  const concept = (Array.isArray(value) ? (value as unknown[])[0] : value) as
    Record<string, unknown> | undefined;
  if (typeof concept !== 'object') return undefined;
  const codings = Array.isArray(concept['coding']) ? (concept['coding'] as Record<string, unknown>[]) : [];
  const texts = [concept['text'], codings[0]?.['display'], codings[0]?.['code']];
  const readable = texts.filter((text): text is string => typeof text === 'string' && text !== '');
  return readable.find((text) => text !== mask) ?? readable[0];
}

function referenceIn(value: unknown): string | undefined {
  const reference = textIn(value, 'reference');
  return reference && referencePattern.test(reference) ? reference : undefined;
}

function textIn(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = (value as Record<string, unknown>)[name];
  return typeof found === 'string' ? found : undefined;
}

function firstText(...candidates: unknown[]): string {
  return candidates.find((text): text is string => typeof text === 'string' && text !== '') ?? '';
}

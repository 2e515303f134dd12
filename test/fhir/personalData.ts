import { eraNamed, eraNames, type EraName } from '../../src/sandbox/era.ts';
import type { Dataset } from '../../src/sandbox/fhir/dataset.ts';
import { resourcesOfType } from '../../src/sandbox/fhir/repository.ts';
import type { Resource } from '../../src/sandbox/fhir/resource.ts';

/** Shorter ones (a middle initial, a record number) stand in every text by chance. */
const leastLength = 3;

/** What must not stand in any masked view: everything about the generated patients that names or finds one. */
export function personalValues({ patients }: Dataset): string[] {
  const values = patients.flatMap((patient) => [
    patient.givenName,
    patient.familyName,
    patient.birthDate,
    patient.street,
    patient.city,
    patient.postalCode,
    patient.phoneHome,
    patient.phoneCell,
    patient.email,
  ]);
  return [...new Set(values)].filter((value) => value.length >= leastLength && !resourceTypes.has(value));
}

/** One family is called Specimen, as a resource type is: its name proves nothing. */
const resourceTypes = new Set(eraNames.flatMap((era) => eraNamed(era).resources.map(({ type }) => type)));

/** A postal code in the middle of a longer number is chance; everything else counts wherever it stands. */
export function leaksIn(text: string, values: readonly string[]): string[] {
  return values.filter((value) =>
    /^\d+$/.test(value) ? new RegExp(`(?<![\\d.])${value}(?![\\d.])`).test(text) : text.includes(value),
  );
}

/** Every resource of a dataset as the sandbox of that era sends it. */
export function allResources(era: EraName, data: Dataset): Resource[] {
  const { resources } = eraNamed(era);
  return resources.flatMap(({ type }) => resourcesOfType(eraNamed(era), data, type));
}

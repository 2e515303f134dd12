/** A FHIR resource as it goes over the wire; the builders know its shape, the search only its paths. */
export interface Resource {
  readonly id: string;
  readonly resourceType: string;
  readonly meta: {
    readonly versionId: string;
    readonly lastUpdated: string;
    readonly profile?: readonly string[];
  };
  readonly [element: string]: unknown;
}

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export function meta(lastUpdated: string, profile?: readonly string[]): Resource['meta'] {
  return { versionId: '1', lastUpdated, ...(profile === undefined ? {} : { profile }) };
}

export function concept(system: string, code: string, display?: string): { coding: Coding[] } {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] };
}

export function reference(type: string, uuid: string): { reference: string; type: string } {
  return { reference: `${type}/${uuid}`, type };
}

/** A profile's canonical, then the same with each version. */
export function versions(canonical: string, ...numbers: readonly string[]): string[] {
  return [canonical, ...numbers.map((number) => `${canonical}|${number}`)];
}

export function narrative(text: string): { status: string; div: string } {
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"> <p>${text}</p></div>` };
}

export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';
export const terminology = 'http://terminology.hl7.org/CodeSystem/';

/** All strings at a dotted path, through lists. */
export function textsAt(value: unknown, path: string): string[] {
  const [first = '', ...rest] = path.split('.');
  if (Array.isArray(value)) return value.flatMap((item) => textsAt(item, path));
  if (first === '') return typeof value === 'string' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const next = (value as Record<string, unknown>)[first];
  if (rest.length > 0) return textsAt(next, rest.join('.'));
  return Array.isArray(next) ? next.flatMap((item) => textsAt(item, '')) : textsAt(next, '');
}

/** Without a modifier: the beginning, in any case. */
export function stringMatches(text: string, wanted: string, modifier: string | undefined): boolean {
  if (modifier === 'exact') return text === wanted;
  const [lower, part] = [text.toLowerCase(), wanted.toLowerCase()];
  return modifier === 'contains' ? lower.includes(part) : lower.startsWith(part);
}

/** `code`, `system|code` or `|code`, against a code, a Coding or a CodeableConcept. */
export function tokenMatches(resource: unknown, path: string, wanted: string): boolean {
  const separator = wanted.indexOf('|');
  const system = separator < 0 ? '' : wanted.slice(0, separator);
  const code = separator < 0 ? wanted : wanted.slice(separator + 1);
  if (textsAt(resource, path).includes(code)) return true;
  const systems = textsAt(resource, `${path}.coding.system`);
  return textsAt(resource, `${path}.coding.code`).some(
    (found, index) => found === code && (system === '' || systems[index] === system),
  );
}

const comparisons: Readonly<Record<string, (actual: string, wanted: string) => boolean>> = {
  eq: (actual, wanted) => actual.startsWith(wanted),
  ne: (actual, wanted) => !actual.startsWith(wanted),
  ge: (actual, wanted) => actual >= wanted || actual.startsWith(wanted),
  gt: (actual, wanted) => actual > wanted && !actual.startsWith(wanted),
  le: (actual, wanted) => actual <= wanted || actual.startsWith(wanted),
  lt: (actual, wanted) => actual < wanted && !actual.startsWith(wanted),
};

/** Dates as texts, to the precision that was asked for; what is no date matches nothing. */
export function dateMatches(actual: string, given: string): boolean {
  const match = /^(eq|ne|ge|gt|le|lt)?(\d{4}.*)$/.exec(given);
  if (match === null) return false;
  const compare = comparisons[match[1] ?? 'eq'];
  return compare !== undefined && compare(actual, match[2] ?? '');
}

/** Text for a notification, which would turn `[label](command:…)` of a stranger into a link that runs commands. */
export function plainText(text: string): string {
  return text.replaceAll('](', '] (');
}

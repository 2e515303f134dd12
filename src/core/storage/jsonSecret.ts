import type * as z from 'zod/mini';
import type { SecretStore } from '../ports.ts';

export type SecretReading<T> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'value'; readonly value: T };

/**
 * Reads a JSON secret. One that does not parse is set aside under another key, so that it neither blocks every
 * later start nor is lost for whoever wants to look.
 */
export async function readSecret<T>(
  secrets: SecretStore,
  key: string,
  schema: z.core.$ZodType<T> & { safeParse(value: unknown): { success: boolean; data?: T } },
): Promise<SecretReading<T>> {
  const text = await secrets.get(key);
  if (text === undefined) return { kind: 'absent' };
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return { kind: 'value', value: parsed.data as T };
  await secrets.store(`${key}.unreadable`, text);
  await secrets.delete(key);
  return { kind: 'unreadable' };
}

export function writeSecret(secrets: SecretStore, key: string, value: unknown): Promise<void> {
  return secrets.store(key, JSON.stringify(value));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

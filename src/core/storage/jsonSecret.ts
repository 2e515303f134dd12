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
  await setAside(secrets, key, text);
  return { kind: 'unreadable' };
}

export function writeSecret(secrets: SecretStore, key: string, value: unknown): Promise<void> {
  return secrets.store(key, JSON.stringify(value));
}

/** Deletes a secret and what was set aside of it. */
export async function deleteSecret(secrets: SecretStore, key: string): Promise<void> {
  await secrets.delete(key);
  await secrets.delete(unreadableKey(key));
}

async function setAside(secrets: SecretStore, key: string, text: string): Promise<void> {
  try {
    await secrets.store(unreadableKey(key), text);
    await secrets.delete(key);
  } catch {
    // Storage that cannot be written now leaves it where it is, to be found again.
  }
}

function unreadableKey(key: string): string {
  return `${key}.unreadable`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

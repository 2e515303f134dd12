import type * as UndiciModule from 'undici';
import { WorkbenchError } from '../core/base/errors.ts';

export type Undici = typeof UndiciModule.default;

/** Where undici keeps the dispatcher that every `fetch` of the process uses; one slot per interface version. */
const slots = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];
/** What undici 8 needs. */
const oldestNode: readonly [number, number] = [22, 19];

let loading: Promise<Undici> | undefined;

/**
 * Loads undici on first use. Its import would put its own dispatcher under the `fetch` of the whole process, so
 * what was there before is put back.
 *
 * Throws WorkbenchError `internal/unexpected` on a Node older than 22.19.
 */
export function loadUndici(nodeVersion = process.versions.node): Promise<Undici> {
  if (isTooOld(nodeVersion)) {
    const cause = new Error(`A pinned certificate or own authority needs Node 22.19, this is ${nodeVersion}`);
    return Promise.reject(new WorkbenchError('internal/unexpected', { details: { nodeVersion }, cause }));
  }
  loading ??= importContained().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

function isTooOld(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
}

async function importContained(): Promise<Undici> {
  // Makes Node fill its slot, which must not be empty afterwards.
  await globalThis.fetch('data:,');
  const before = slots.map((slot) => Reflect.get(globalThis, slot) as unknown);
  // The default export: in our bundle a CommonJS module has no other.
  const { default: undici } = await import('undici');
  slots.forEach((slot, index) => {
    const now: unknown = Reflect.get(globalThis, slot);
    const isOurs = now instanceof undici.Agent || now instanceof undici.Dispatcher1Wrapper;
    if (isOurs) Reflect.set(globalThis, slot, before[index]);
  });
  return undici;
}

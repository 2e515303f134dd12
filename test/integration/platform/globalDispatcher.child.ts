// Loads undici with or without containment, before or after the process's own first fetch, and tells as JSON whose
// dispatchers then hold the global slots and whether both fetches still work. No import of node:http here: on Node 24
// that alone fills the slots.
import { loadUndici } from '../../../src/platform/undiciLoader.ts';

const [, , temperature, containment, url = ''] = process.argv;
const slots = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];
const held = (): unknown[] => slots.map((slot) => Reflect.get(globalThis, slot) as unknown);

if (temperature === 'warm') await (await fetch(url)).text();
const before = held();
const undici = containment === 'contained' ? await loadUndici() : await import('undici');
const after = held();

const isOurs = (dispatcher: unknown): boolean =>
  dispatcher instanceof undici.Agent || dispatcher instanceof undici.Dispatcher1Wrapper;
const dispatcher = new undici.Agent();
const report = {
  nodeVersion: process.versions.node,
  changed: after.some((dispatcher, index) => before[index] !== undefined && dispatcher !== before[index]),
  ours: after.filter(isOurs).length,
  hostFetch: await (await fetch(url)).text(),
  ownFetch: await (await undici.fetch(url, { dispatcher })).text(),
};
await dispatcher.destroy();
process.stdout.write(JSON.stringify(report));

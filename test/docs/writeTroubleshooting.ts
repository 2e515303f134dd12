// Writes docs/troubleshooting.md from the rules of the doctor and the texts of the errors.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';

// The texts import `vscode`, which exists in the editor only.
const fakeEditor = '../fakes/register.mjs';
await import(fakeEditor);
const { troubleshootingDocument } = await import('./troubleshooting.ts');

const file = 'docs/troubleshooting.md';
await writeFile(file, await format(troubleshootingDocument(), { filepath: file, printWidth: 110 }));
console.log(`${file} is written.`);

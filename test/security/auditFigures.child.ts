// Prints the audit log's figures as JSON: <entries>
import { measureAudit } from './auditFigures.ts';

console.log(JSON.stringify(await measureAudit(Number(process.argv[2]))));

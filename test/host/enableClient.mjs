// node enableClient.mjs <base URL of a sandbox> <client id>: what --after-register is for, on any certificate.
import { request } from 'node:https';

const [baseUrl, clientId] = process.argv.slice(2);
const url = new URL(`/sandbox/clients/${encodeURIComponent(clientId)}/enable`, baseUrl);
request(url, { method: 'POST', rejectUnauthorized: false }, (answer) => {
  process.exitCode = answer.statusCode < 300 ? 0 : 1;
  answer.resume();
}).end();

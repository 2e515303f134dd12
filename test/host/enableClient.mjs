// node enableClient.mjs <base URL of a sandbox> <client id>: what --after-register is for, on any certificate.
import * as http from 'node:http';
import * as https from 'node:https';

const [baseUrl, clientId] = process.argv.slice(2);
const url = new URL(`/sandbox/clients/${encodeURIComponent(clientId)}/enable`, baseUrl);
const { request } = url.protocol === 'https:' ? https : http;
request(url, { method: 'POST', rejectUnauthorized: false }, (answer) => {
  process.exitCode = answer.statusCode < 300 ? 0 : 1;
  answer.resume();
}).end();

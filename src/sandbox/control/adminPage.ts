import { escapeHtml, htmlPage } from '../http/html.ts';
import { reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';

export const adminPagePath = '/interface/smart/admin-client.php';
const htmlType = 'text/html; charset=utf-8';

// Links are relative: VS Code in a browser shows local addresses below a path of its own.

/** Where an administrator enables clients: Administration → System → API Clients. */
export function adminPage(context: SandboxContext): Reply {
  const rows = context.clients.all().map(clientRow).join('\n');
  const table =
    rows === ''
      ? '<p>No client has been registered yet.</p>'
      : `<table>
<thead><tr><th scope="col">Name</th><th scope="col">Client ID</th><th scope="col">Type</th>
<th scope="col">State</th><th scope="col">Action</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>`;
  const content = `<p>Administration → System → API Clients</p>
<h1>API Clients</h1>
${table}
<p><a href="../../">About this sandbox</a></p>`;
  return reply(200, htmlPage('API Clients', content), htmlType);
}

function clientRow(client: Client): string {
  const [state, action, label] = client.enabled
    ? ['Enabled', 'disable', 'Disable Client']
    : ['Disabled', 'enable', 'Enable Client'];
  const name = escapeHtml(client.name);
  return `<tr><td>${name}</td><td><code>${client.id}</code></td>
<td>${client.confidential ? 'Confidential' : 'Public'}</td><td>${state}</td>
<td><form method="post" action="../../sandbox/clients/${client.id}/${action}">
<button type="submit" aria-label="${label} ${name}">${label}</button></form></td></tr>`;
}

/** The sandbox's front door. */
export function landingPage(context: SandboxContext): Reply {
  const { staff, portalPatient } = context.data;
  const content = `<h1>OpenEMR sandbox ${context.era.name}</h1>
<p>This is not OpenEMR but a sandbox that answers like OpenEMR ${context.era.name}. It holds synthetic data
only, forgets everything when it stops, and is reachable from this machine only.</p>
<ul>
<li><a href="${adminPagePath}">API Clients</a>: enable the clients that apps have registered</li>
<li>Staff login: user <code>${staff.username}</code>, password <code>${staff.password}</code></li>
<li>Patient login: user <code>${portalPatient.username}</code>, password <code>${portalPatient.password}</code>,
e-mail <code>${portalPatient.email}</code></li>
<li><a href="/apis/default/fhir/metadata">CapabilityStatement</a></li>
<li><a href="/sandbox/log">What the sandbox saw</a></li>
</ul>`;
  return reply(200, htmlPage(`OpenEMR sandbox ${context.era.name}`, content), htmlType);
}

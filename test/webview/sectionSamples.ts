import { l10n } from 'vscode';
import type { DoctorRow, FlowView } from '../../src/protocol/doctorView.ts';
import { signedIn } from './samples.ts';
import { ScriptedHost } from './scriptedHost.ts';

const at = Date.UTC(2026, 4, 4, 10, 0);

const doctorRows: DoctorRow[] = [
  {
    id: 'address',
    check: 'Address is understood',
    result: 'pass',
    ms: 1,
    meaning: 'Its addresses answer as those of OpenEMR do.',
    asked: [],
    came: ['https://emr.example.org/openemr'],
  },
  {
    id: 'client-secret',
    check: 'Client secret is right',
    result: 'fail',
    ms: 1240,
    meaning: 'OpenEMR refused to hand out a token. This client is registered but not yet enabled.',
    why: 'A client that asks for permissions of staff waits until an administrator lets it in; OpenEMR says so nowhere. In rare cases the secret is wrong: the words are the same.',
    remedy:
      'An administrator opens API Clients, presses Edit in the row of the client and then Enable Client.',
    screen: 'Administration → System → API Clients',
    action: { id: 'openApiClients', label: 'Open API Clients' },
    documentation: 'https://example.org/troubleshooting#client-disabled',
    asked: ['POST /oauth2/default/token'],
    came: ['401 {"error":"invalid_client"}'],
  },
  {
    id: 'scopes',
    check: 'Permissions (scopes) are known to the server',
    result: 'warning',
    meaning: 'Not checked.',
    asked: [],
    came: [],
  },
  {
    id: 'login',
    check: 'Login is valid',
    result: 'skipped',
    meaning: 'Does not apply here.',
    asked: [],
    came: [],
  },
];

const flows: FlowView[] = [
  {
    kind: 'login',
    title: 'Login',
    startedAt: at,
    durationMs: 1830,
    failure: 'OpenEMR refused to hand out a token.',
    exchanges: [
      {
        method: 'POST',
        address: 'https://emr.example.org/openemr/oauth2/default/token',
        answer: '401',
        isRefused: true,
        ms: 118,
        request: ['content-type: application/x-www-form-urlencoded', 'client_id=Qm9nwz4UzmyTkGJm'],
        response: ['content-type: application/json', '{"error":"invalid_client"}'],
      },
    ],
  },
];

/** Plays the extension's part of the Doctor and Transcript sections. */
export function doctorHost(): ScriptedHost {
  return new ScriptedHost(signedIn()).answer('doctor.open', {
    doctor: {
      state: 'done',
      rows: doctorRows,
      startedAt: at,
      durationMs: 2_412,
      first: 'client-secret',
      wasCancelled: false,
    },
    flows,
  });
}

/** Plays the extension's part of the Audit section. */
export function auditHost(): ScriptedHost {
  const row = { connection: 'Clinic A', who: 'practice\\m.garcia', detail: 'HTTP 401' } as const;
  return new ScriptedHost(signedIn())
    .answer('audit.page', {
      rows: [
        { seq: 1204, time: at, action: 'Login', outcome: 'success', outcomeText: 'done', ...row },
        { seq: 1203, time: at, action: 'Token refreshed', outcome: 'failure', outcomeText: 'failed', ...row },
      ],
      before: 1203,
      actions: [
        { id: 'login', label: 'Login' },
        { id: 'token.refreshed', label: 'Token refreshed' },
      ],
      notices: [
        'Entries cannot be written at the moment: the disk is full or the folder is protected. They are kept until they can be.',
      ],
      expiredFiles: 2,
    })
    .answer('audit.verify', {
      tone: 'bad',
      headline: l10n.t(
        'The audit log was changed: {problem}. The {count} entries before that were verified.',
        {
          problem: l10n.t('an entry was changed'),
          count: 1203,
        },
      ),
      lines: ['an entry was changed'],
    });
}

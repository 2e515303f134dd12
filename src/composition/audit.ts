import { createHmac, randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { workspace } from 'vscode';
import { AuditAnchors } from '../core/audit/auditAnchor.ts';
import { AuditKeys } from '../core/audit/auditKeys.ts';
import { AuditTrail } from '../core/audit/auditTrail.ts';
import { CallbackAudit } from '../core/audit/callbackAudit.ts';
import { SettingsAudit, type HostSafety } from '../core/audit/settingsAudit.ts';
import type { Clock } from '../core/base/clock.ts';
import { DisposableStore } from '../core/base/disposable.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { CallbackInbox } from '../core/oauth/callbackInbox.ts';
import type { TokenLifecycle } from '../core/oauth/tokenLifecycle.ts';
import type { KeyValueStore, Log } from '../core/ports.ts';
import { rememberStoredSecrets } from '../core/storage/storageHealth.ts';
import { AuditFiles, monthOf } from '../platform/auditFiles.ts';
import { FileDocument } from '../platform/fileDocument.ts';
import { AuditLog, auditRetentionYears } from '../vscode/auditLog.ts';
import { readSessionSettings } from '../vscode/sessionSettings.ts';
import type { SettingsConnections } from '../vscode/settingsConnections.ts';
import { storageNotice } from '../vscode/storageNotice.ts';
import type { Storage } from './storage.ts';

export interface AuditParts {
  readonly trail: AuditTrail;
  readonly files: AuditFiles;
  readonly keys: AuditKeys;
  readonly anchors: AuditAnchors;
}

const saltKey = 'openemr.audit.salt';

/** Builds what writes the audit log. */
export async function createAudit(options: {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<AuditParts> {
  const { storage, clock, log } = options;
  const files = new AuditFiles(join(storage.folder, 'audit'), { clock });
  const keys = new AuditKeys(storage.secrets, storage.lock);
  const anchors = new AuditAnchors(storage.secrets);
  const trail = new AuditTrail({
    ...{ storage: files, keys, anchors, clock, log },
    osUser: pseudonym(await saltOf(storage.globalState)),
    window: randomBytes(4).toString('hex'),
    anchorsByItself: storage.window.sharesSecrets,
  });
  const { secrets, globalState } = storage;
  trail.onDidWrite(() => void rememberStoredSecrets(secrets, globalState).catch(() => undefined));
  return { trail, files, keys, anchors };
}

/** The audit log as people read it. */
export function createAuditLog(
  audit: AuditParts,
  { storage, connections, clock }: { storage: Storage; connections: ConnectionService; clock: Clock },
): AuditLog {
  return new AuditLog({
    ...{ trail: audit.trail, storage: audit.files, keys: audit.keys, anchors: audit.anchors, monthOf },
    nameOf: (connectionId) => connections.find(connectionId)?.name,
    storageNotice: () => storageNotice(storage.health),
    now: () => clock.now(),
  });
}

export interface AuditedSources {
  readonly storage: Storage;
  readonly settings: SettingsConnections;
  readonly connections: ConnectionService;
  readonly tokens: TokenLifecycle;
  readonly inbox: CallbackInbox;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is written down without anybody's report. */
export interface AuditWatch {
  /** Says what it still has to say; to be waited for before the trail is closed. */
  close(): Promise<void>;
}

/** Writes down what nobody reports: refused callbacks, and what was changed in settings or while VS Code was closed. */
export function watchForAudit({ trail }: AuditParts, sources: AuditedSources): AuditWatch {
  const owned = new DisposableStore();
  const { storage, settings, connections, tokens, inbox, clock, log } = sources;
  const callbackAudit = owned.add(new CallbackAudit(trail, clock));
  owned.add(inbox.onDidRefuse((reason) => callbackAudit.refused(reason)));
  const settingsAudit = new SettingsAudit({
    connections: () => connections.all(),
    hostSafety,
    onDidChange: [settings.onDidChange],
    document: new FileDocument(join(storage.folder, 'audit', 'settings-seen.json'), storage.lock, clock),
    ...{ audit: trail, log },
  });
  void settingsAudit.look();
  owned.add(
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('http') || change.affectsConfiguration('openemr'))
        void settingsAudit.look();
    }),
  );
  // Where windows do not share secret storage, the anchor goes along with a token write.
  if (!storage.window.sharesSecrets) owned.add(tokens.tokenSetChanged(() => void trail.anchor()));
  return {
    close: () => {
      owned.dispose();
      return settingsAudit.close();
    },
  };
}

function hostSafety(): HostSafety {
  const { idleSignOutMs, maximumSessionMs } = readSessionSettings();
  return {
    proxyStrictSsl: workspace.getConfiguration('http').get('proxyStrictSSL') !== false,
    retentionYears: auditRetentionYears(),
    ...{ idleSignOutMs, maximumSessionMs },
  };
}

/** Without a place for the salt the pseudonym lives as long as this window. */
async function saltOf(state: KeyValueStore): Promise<string> {
  const stored = state.get(saltKey);
  if (typeof stored === 'string' && stored.length >= 22) return stored;
  const salt = randomBytes(16).toString('base64url');
  await state.update(saltKey, salt).catch(() => undefined);
  return salt;
}

/** The same user on the same installation is recognised, without the name. */
function pseudonym(salt: string): string {
  return createHmac('sha256', salt).update(userName()).digest('hex').slice(0, 16);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

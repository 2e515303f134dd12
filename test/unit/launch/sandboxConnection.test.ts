import assert from 'node:assert/strict';
import { parseConnections } from '../../../src/core/connection/connection.ts';
import { defaultScopesFor } from '../../../src/core/oauth/scope.ts';
import { withSandboxConnection } from '../../../src/launch/sandboxConnection.ts';

const baseUrl = 'http://127.0.0.1:18482';
const other = {
  id: 'clinic',
  name: 'Clinic',
  baseUrl: 'https://emr.example.org',
  site: 'default',
  clientType: 'public',
  scopes: ['openid'],
  callback: 'paste',
};

describe('the settings of npm start', () => {
  it('hold a sandbox connection that the extension accepts', () => {
    const settings = withSandboxConnection({}, baseUrl);
    const { connections, rejected } = parseConnections(settings['openemr.connections']);
    assert.deepEqual(rejected, []);
    assert.equal(connections[0]?.baseUrl, baseUrl);
  });

  it('ask for the default scopes of a confidential client', () => {
    const { connections } = parseConnections(withSandboxConnection({}, baseUrl)['openemr.connections']);
    assert.deepEqual(connections[0]?.scopes, defaultScopesFor('confidential'));
  });

  it('keep other settings and other connections, and replace the sandbox of the last run', () => {
    const before = withSandboxConnection(
      { 'editor.fontSize': 15, 'openemr.connections': [other] },
      'http://127.0.0.1:1',
    );
    const after = withSandboxConnection(before, baseUrl);
    assert.equal(after['editor.fontSize'], 15);
    const { connections } = parseConnections(after['openemr.connections']);
    assert.deepEqual(
      connections.map((connection) => [connection.id, connection.baseUrl]),
      [
        ['sandbox', baseUrl],
        ['clinic', 'https://emr.example.org'],
      ],
    );
  });
});

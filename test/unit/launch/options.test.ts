import assert from 'node:assert/strict';
import { parseDemoOptions } from '../../../src/launch/demoOptions.ts';
import { MissingRequirement } from '../../../src/launch/progress.ts';
import { parseStartOptions } from '../../../src/launch/startOptions.ts';

describe('the options of npm start', () => {
  it('opens VS Code on era 8.2 unless told otherwise', () => {
    assert.deepEqual(parseStartOptions([]), { era: '8.2', open: true });
    assert.deepEqual(parseStartOptions(['--era', '7.0', '--no-open']), { era: '7.0', open: false });
  });

  it('refuses an era that the sandbox does not know', () => {
    assert.throws(() => parseStartOptions(['--era', '9.9']), /--era is 7\.0 or 8\.2, not "9\.9"/);
  });

  it('names its options when it gets one that does not exist', () => {
    assert.throws(() => parseStartOptions(['--nope']), /--nope.*Options of npm start: --era/);
  });
});

describe('the options of npm run demo', () => {
  it('uses the sandbox of era 8.2 and loopback unless told otherwise', () => {
    assert.deepEqual(parseDemoOptions([]), {
      era: '8.2',
      callback: 'loopback',
      site: 'default',
      username: 'admin',
      password: 'pass',
    });
  });

  it('takes a server of one’s own', () => {
    const options = parseDemoOptions([
      ...['--base-url', 'https://emr.example.org', '--username', 'u', '--password', 'p'],
      ...['--trust-certificate', '--after-register', 'enable {clientId}'],
    ]);
    assert.equal(options.username, 'u');
    assert.deepEqual(options.server, {
      baseUrl: 'https://emr.example.org',
      trustCertificate: true,
      afterRegister: 'enable {clientId}',
    });
  });

  it('refuses a callback that does not exist', () => {
    assert.throws(() => parseDemoOptions(['--callback', 'pigeon']), MissingRequirement);
  });

  it('refuses to run a command for a client of the sandbox', () => {
    assert.throws(
      () => parseDemoOptions(['--after-register', 'x']),
      /--after-register belongs to --base-url/,
    );
  });
});

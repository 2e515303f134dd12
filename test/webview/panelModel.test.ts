import assert from 'node:assert/strict';
import {
  currentStep,
  disabledReason,
  fill,
  mergeDraft,
  offeredScopes,
  primaryButton,
  testSummary,
  timeLeft,
  writeNumbersIn,
  type Situation,
} from '../../webview-ui/panelModel.ts';
import type { TestRow } from '../../src/protocol/viewModels.ts';
import { discovery, emptyDraft, newConnection, savedConnection, savedDraft, signedIn } from './samples.ts';

function situation(change: Partial<Situation> = {}): Situation {
  const { model = newConnection() } = change;
  return {
    model,
    draft: model.saved,
    hasTypedSecret: false,
    discovery: model.discovery,
    busy: false,
    hasOpenedApiClients: false,
    ...change,
  };
}

describe('connection panel: what comes next', () => {
  it('stands at Connect until the address on the form was understood', () => {
    const draft = { ...emptyDraft, baseUrl: discovery.baseUrl };
    assert.equal(currentStep(situation({ draft })), 'connect');
    assert.equal(currentStep(situation({ draft, discovery })), 'register');
    const moved = { ...savedDraft, baseUrl: 'https://elsewhere.example.org' };
    assert.equal(currentStep(situation({ model: signedIn(), draft: moved })), 'connect');
    assert.equal(currentStep(situation({ model: signedIn() })), 'verify');
  });

  it('leads on by Save where a client was entered by hand, by Register client where there is none', () => {
    const draft = { ...emptyDraft, baseUrl: discovery.baseUrl };
    assert.equal(primaryButton(situation({ draft, discovery })), 'registerClient');
    assert.equal(primaryButton(situation({ draft: { ...draft, clientId: 'by-hand' }, discovery })), 'save');
    assert.equal(primaryButton(situation({ model: savedConnection(), hasTypedSecret: true })), 'save');
  });

  it('lets unsaved changes be saved before they are used', () => {
    const changed = situation({ model: signedIn(), draft: { ...savedDraft, name: 'B' } });
    for (const button of ['logIn', 'testConnection', 'checkAgain'] as const) {
      assert.equal(disabledReason(button, changed), 'reasonUnsaved');
    }
    assert.equal(disabledReason('save', changed), undefined);
    assert.equal(disabledReason('refreshToken', changed), undefined);
    assert.equal(disabledReason('save', situation({ model: signedIn() })), 'reasonNothingToSave');
    const reordered = { ...savedDraft, scopes: [...savedDraft.scopes].reverse() };
    assert.equal(
      disabledReason('save', situation({ model: signedIn(), draft: reordered })),
      'reasonNothingToSave',
    );
  });

  it('explains why a token cannot be refreshed', () => {
    assert.equal(
      disabledReason('refreshToken', situation({ model: savedConnection() })),
      'reasonNotSignedIn',
    );
    const model = signedIn();
    const withoutRefresh = { ...model, session: { ...model.session, canRefresh: false } };
    assert.equal(
      disabledReason('refreshToken', situation({ model: withoutRefresh })),
      'reasonNoRefreshToken',
    );
    assert.equal(disabledReason('logOut', situation({ model: withoutRefresh })), undefined);
    assert.equal(disabledReason('logOut', situation({ model, busy: true })), 'reasonBusy');
  });

  it('keeps what was typed when the saved connection changes', () => {
    const typed = { ...savedDraft, name: 'typed' };
    const after = { ...savedDraft, name: 'elsewhere', clientId: 'new', scopes: ['openid'] };
    assert.deepEqual(mergeDraft(typed, savedDraft, after), { ...after, name: 'typed' });
  });

  it('offers a public client no staff permissions, and shows a foreign one that is ticked', () => {
    const draft = {
      ...emptyDraft,
      clientType: 'public' as const,
      scopes: ['openid', 'own:scope', 'user/Patient.read'],
    };
    const { offered, hiddenCount } = offeredScopes(newConnection().scopeChoices, draft);
    const names = offered.map(({ scope }) => scope);
    assert.ok(names.includes('own:scope') && names.includes('user/Patient.read'));
    assert.ok(!names.includes('user/Encounter.read'));
    assert.equal(hiddenCount, 3);
  });

  it('says the time left in words and when they change', () => {
    const words = { hoursMinutes: '{0} h {1} min', minutes: '{0} min', lessThanAMinute: '< 1 min' };
    const left = (ms: number) => timeLeft(1_000_000 + ms, 1_000_000, words);
    assert.equal(left(0), undefined);
    assert.equal(left(59_000)?.text, '< 1 min');
    assert.deepEqual(left(61_000), { text: '1 min', changesInMs: 1_050 });
    assert.equal(left(3 * 3_600_000 + 5 * 60_000)?.text, '3 h 5 min');
  });

  it('writes numbers as the language does', () => {
    assert.equal(fill('{0} ms', 12_345), '12,345 ms');
    writeNumbersIn('es');
    assert.equal(fill('{0} ms', 12_345), '12.345 ms');
    writeNumbersIn('en');
  });

  it('counts how a test went: what passed, what else there was, and the time', () => {
    const texts = {
      ...{ testPassed: '{0} passed', testPassedOne: '1 passed (one)', testFailed: '{0} failed' },
      ...{
        testWarnings: '{0} with a warning',
        testSkipped: '{0} skipped',
        testSkippedOne: '1 skipped (one)',
      },
      seconds: '{0} s',
    };
    const summary = (...results: TestRow['result'][]) =>
      testSummary(
        texts,
        results.map((result) => ({ result })),
        '0.4',
      );
    assert.equal(summary('pass'), '1 passed (one) · 0.4 s');
    assert.equal(summary('fail', 'warning'), '0 passed · 1 failed · 1 with a warning · 0.4 s');
    assert.equal(summary('pass', 'pass', 'skipped'), '2 passed · 1 skipped (one) · 0.4 s');
    assert.equal(summary('skipped', 'skipped'), '0 passed · 2 skipped · 0.4 s');
  });

  it('fills texts by position and leaves what it has no value for', () => {
    assert.equal(fill('{1} of {0}, {2}', 8, 'a'), 'a of 8, {2}');
  });
});

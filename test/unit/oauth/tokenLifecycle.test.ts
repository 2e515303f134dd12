import { strict as assert } from 'node:assert';
import { WorkbenchError, type ErrorCode } from '../../../src/core/base/errors.ts';
import type { TokenGrant } from '../../../src/core/oauth/tokenSet.ts';
import { CoreWindow, grantAt, SharedMachine } from '../../fakes/coreWindow.ts';
import { Deferred } from '../../fakes/deferred.ts';
import { codeOf } from '../../fakes/failure.ts';

const owner = { connectionId: 'c1', boundTo: 'server-1' };
const scope = 'openid user/Patient.read';

describe('token life-cycle', () => {
  let machine: SharedMachine;
  let window: CoreWindow;

  beforeEach(() => {
    machine = new SharedMachine();
    window = new CoreWindow(machine);
  });

  const grant = (name: string, changes: Partial<TokenGrant> = {}) => grantAt(machine.clock, name, changes);
  const signIn = (name: string, inWindow = window) => inWindow.tokens.signedIn(owner, grant(name), scope);
  const refresh = (name: string, inWindow = window) =>
    inWindow.tokens.refresh(owner, () => Promise.resolve(grant(name)));
  const failing = (code: ErrorCode) =>
    window.tokens.refresh(owner, () => Promise.reject(new WorkbenchError(code)));
  const stateKind = async () => (await window.tokens.state(owner)).kind;
  const session = () => machine.index.session('c1');

  /** A token endpoint that answers when the test says so. */
  function heldGrant() {
    const answer = new Deferred<TokenGrant>();
    const asked = new Deferred<undefined>();
    const endpoint = () => {
      asked.resolve(undefined);
      return answer.promise;
    };
    return { endpoint, asked: asked.promise, answer: answer.resolve, fail: answer.reject };
  }

  it('stores what a login brought before it announces it', async () => {
    const announced: (string | undefined)[] = [];
    window.tokens.tokenSetChanged(() => announced.push(machine.secrets.entries.get('openemr.tokens.c1')));
    await signIn('1');
    assert.equal(announced.length, 1);
    assert.match(announced[0] ?? '', /access-1/);
    const tokens = await window.tokens.tokens(owner);
    assert.equal(tokens?.loginIdToken, 'id-1');
    assert.equal(tokens.requestedScope, scope);
    assert.equal(tokens.boundTo, 'server-1');
  });

  it('follows the clock from valid over expiring to expired', async () => {
    assert.equal(await stateKind(), 'none');
    await signIn('1');
    assert.deepEqual(await window.tokens.state(owner), {
      kind: 'valid',
      expiresAt: machine.clock.now() + 3_600_000,
    });
    machine.clock.jump(55 * 60_000);
    assert.equal(await stateKind(), 'expiring');
    machine.clock.jump(5 * 60_000);
    assert.equal(await stateKind(), 'expired');
  });

  it('calls a short-lived token expiring in its last fifth only', async () => {
    const short = grant('1', { lifetimeSeconds: 60, expiresAt: machine.clock.now() + 60_000 });
    await window.tokens.signedIn(owner, short, scope);
    machine.clock.jump(47_000);
    assert.equal(await stateKind(), 'valid');
    machine.clock.jump(1000);
    assert.equal(await stateKind(), 'expiring');
  });

  it('is authorizing while a login runs and says when that changes', async () => {
    const states: string[] = [];
    window.tokens.tokenSetChanged(() => void stateKind().then((kind) => states.push(kind)));
    const end = new Deferred<undefined>();
    const login = window.tokens.whileAuthorizing('c1', () => end.promise);
    assert.equal(await stateKind(), 'authorizing');
    end.reject(new WorkbenchError('authorization/cancelled'));
    assert.equal(await codeOf(login), 'authorization/cancelled');
    assert.equal(await stateKind(), 'none');
    assert.deepEqual(states, ['authorizing', 'none']);
  });

  it('stays authorizing until the later of two logins ends', async () => {
    const [first, second] = [new Deferred<undefined>(), new Deferred<undefined>()];
    const logins = [first, second].map(({ promise }) => window.tokens.whileAuthorizing('c1', () => promise));
    first.resolve(undefined);
    await logins[0];
    assert.equal(await stateKind(), 'authorizing');
    second.resolve(undefined);
    await logins[1];
    assert.equal(await stateKind(), 'none');
  });

  it('knows the state without reading a secret, from what was noted', async () => {
    const agreed = async () => {
      const noted = await window.tokens.notedState(owner);
      assert.deepEqual(noted, await window.tokens.state(owner));
      return noted.kind;
    };
    assert.equal(await agreed(), 'none');
    await signIn('1');
    const secrets = new Map(machine.secrets.entries);
    machine.secrets.entries.clear();
    assert.equal((await window.tokens.notedState(owner))?.kind, 'valid');
    for (const [key, value] of secrets) machine.secrets.entries.set(key, value);
    assert.equal(await agreed(), 'valid');
    machine.clock.jump(55 * 60_000);
    assert.equal(await agreed(), 'expiring');
    await assert.rejects(failing('network/timed-out'));
    assert.equal(await agreed(), 'refreshFailed');
    await window.tokens.requireReauthentication('c1', 'grant/refused');
    assert.equal(await agreed(), 'reauthenticationRequired');
    assert.equal(await window.tokens.notedState({ ...owner, boundTo: 'another' }), undefined);
  });

  it('says why where storage has no usable tokens', async () => {
    await signIn('1');
    machine.secrets.entries.set('openemr.tokens.c1', 'rubbish');
    assert.deepEqual(await window.tokens.state(owner), {
      kind: 'reauthenticationRequired',
      reason: 'storage/secret-unreadable',
    });
    machine.secrets.entries.set('openemr.tokens.c1', 'rubbish');
    assert.equal(await codeOf(window.tokens.tokens(owner)), 'storage/secret-unreadable');
    assert.equal(await codeOf(refresh('2')), 'storage/secret-lost');
  });

  it('never gives a token to a connection that points elsewhere now', async () => {
    await signIn('1');
    const edited = { ...owner, boundTo: 'server-2' };
    let wasAsked = false;
    const asking = window.tokens.refresh(edited, () => {
      wasAsked = true;
      return Promise.resolve(grant('2'));
    });
    assert.equal(await codeOf(asking), 'token/other-server');
    assert.equal(await codeOf(window.tokens.tokens(edited)), 'token/other-server');
    assert.equal(wasAsked, false);
  });

  describe('refresh', () => {
    beforeEach(() => signIn('1'));

    it('replaces the pair and keeps what belongs to the login', async () => {
      await window.tokens.signedIn(owner, grant('1', { patient: 'p1', fhirUser: 'Practitioner/1' }), scope);
      const renewed = grant('2');
      delete renewed.idToken;
      const tokens = await window.tokens.refresh(owner, () => Promise.resolve(renewed));
      assert.equal(tokens.accessToken, 'access-2');
      assert.equal(tokens.refreshToken, 'refresh-2');
      assert.deepEqual(
        [tokens.idToken, tokens.loginIdToken, tokens.patient, tokens.fhirUser],
        ['id-1', 'id-1', 'p1', 'Practitioner/1'],
      );
      assert.deepEqual(await window.tokens.tokens(owner), tokens);
    });

    it('keeps the refresh token of a server that does not rotate, and scopes that are not named', async () => {
      const renewed = grant('2', { grantedScopes: [] });
      delete renewed.refreshToken;
      const tokens = await window.tokens.refresh(owner, () => Promise.resolve(renewed));
      assert.equal(tokens.refreshToken, 'refresh-1');
      assert.deepEqual(tokens.grantedScopes, ['openid', 'user/Patient.read']);
      assert.equal(tokens.accessToken, 'access-2');
    });

    it('keeps the id_token of the login for the logout though a new one came', async () => {
      const tokens = await refresh('2');
      assert.deepEqual([tokens.idToken, tokens.loginIdToken], ['id-2', 'id-1']);
    });

    it('asks once for all who want it at the same time', async () => {
      const held = heldGrant();
      let times = 0;
      const endpoint = () => {
        times++;
        return held.endpoint();
      };
      const both = [window.tokens.refresh(owner, endpoint), window.tokens.refresh(owner, endpoint)];
      await held.asked;
      assert.equal(await stateKind(), 'refreshing');
      held.answer(grant('2'));
      const [one, other] = await Promise.all(both);
      assert.equal(times, 1);
      assert.equal(one, other);
      assert.equal(await stateKind(), 'valid');
    });

    it('adopts what another window refreshed while it waited for the lock', async () => {
      const other = new CoreWindow(machine, 'b');
      const held = heldGrant();
      const theirs = other.tokens.refresh(owner, held.endpoint);
      await held.asked;
      let wasAsked = false;
      const ours = window.tokens.refresh(owner, () => {
        wasAsked = true;
        return Promise.resolve(grant('3'));
      });
      await new Promise((tick) => setImmediate(tick));
      held.answer(grant('2'));
      assert.equal((await theirs).accessToken, 'access-2');
      assert.equal((await ours).accessToken, 'access-2');
      assert.equal(wasAsked, false);
    });

    it('leaves a mark while the request is on its way, and none afterwards', async () => {
      const held = heldGrant();
      const refreshing = window.tokens.refresh(owner, held.endpoint);
      await held.asked;
      const { generation } = (await window.tokens.tokens(owner))!;
      assert.deepEqual((await session())?.refreshMarker, { generation, startedAt: machine.clock.now() });
      held.answer(grant('2'));
      await refreshing;
      assert.equal((await session())?.refreshMarker, undefined);
    });

    it('is persisted before anybody hears of it', async () => {
      let stored: string | undefined;
      const heard: string[] = [];
      await window.tokens.refresh(owner, () => {
        window.tokens.tokenSetChanged(() => {
          stored = machine.secrets.entries.get('openemr.tokens.c1');
          heard.push(stored ?? '');
        });
        return Promise.resolve(grant('2'));
      });
      assert.equal(heard.length, 1);
      assert.match(stored ?? '', /access-2/);
    });

    for (const code of ['refresh/refused', 'grant/client-refused', 'fhir/signed-out'] as const) {
      it(`needs a new login after ${code}, and a login heals it`, async () => {
        assert.equal(await codeOf(failing(code)), code);
        assert.deepEqual(await window.tokens.state(owner), {
          kind: 'reauthenticationRequired',
          reason: code,
        });
        assert.equal((await session())?.refreshMarker, undefined);
        await signIn('2');
        assert.equal(await stateKind(), 'valid');
      });
    }

    for (const code of ['network/refused', 'network/dns', 'http/rate-limited'] as const) {
      it(`keeps the session through ${code}`, async () => {
        assert.equal(await codeOf(failing(code)), code);
        assert.equal(await stateKind(), 'refreshFailed');
        assert.equal((await session())?.refreshMarker, undefined);
        assert.equal((await refresh('2')).accessToken, 'access-2');
        assert.equal(await stateKind(), 'valid');
      });
    }

    it('keeps session and mark where it is unknown whether the pair was spent', async () => {
      assert.equal(await codeOf(failing('refresh/outcome-unknown')), 'refresh/outcome-unknown');
      assert.equal(await stateKind(), 'refreshFailed');
      assert.ok((await session())?.refreshMarker);
      await refresh('2');
      assert.equal((await session())?.refreshMarker, undefined);
    });

    it('keeps session and mark where the new pair could not be stored', async () => {
      const refreshing = window.tokens.refresh(owner, () => {
        const { secrets } = machine;
        secrets.store = () => {
          Reflect.deleteProperty(secrets, 'store');
          return Promise.reject(new WorkbenchError('storage/write-failed'));
        };
        return Promise.resolve(grant('2'));
      });
      assert.equal(await codeOf(refreshing), 'storage/write-failed');
      assert.equal((await window.tokens.tokens(owner))?.accessToken, 'access-1');
      assert.ok((await session())?.refreshMarker);
    });

    it('takes what is no error of ours for a passing fault', async () => {
      await assert.rejects(
        window.tokens.refresh(owner, () => Promise.reject(new TypeError('bug'))),
        TypeError,
      );
      assert.equal(await stateKind(), 'refreshFailed');
    });

    it('is impossible without a login or a refresh token', async () => {
      const withoutRefreshToken = grant('2');
      delete withoutRefreshToken.refreshToken;
      await window.tokens.signedIn(owner, withoutRefreshToken, scope);
      assert.equal(await codeOf(refresh('3')), 'refresh/no-refresh-token');
      await window.tokens.signOut('c1');
      assert.equal(await codeOf(refresh('3')), 'token/none');
    });

    it('finds out under the lock that another window logged out', async () => {
      const release = new Deferred<undefined>();
      const holding = machine.lock.withLock('refresh c1', () => release.promise);
      const refreshing = refresh('2');
      await new Promise((tick) => setImmediate(tick));
      await new CoreWindow(machine, 'b').tokens.signOut('c1');
      release.resolve(undefined);
      await holding;
      assert.equal(await codeOf(refreshing), 'token/none');
    });

    it('does not undo a logout that happened meanwhile', async () => {
      const held = heldGrant();
      const refreshing = window.tokens.refresh(owner, held.endpoint);
      await held.asked;
      await window.tokens.signOut('c1');
      held.answer(grant('2'));
      assert.equal(await codeOf(refreshing), 'token/none');
      assert.equal(await stateKind(), 'none');
      assert.equal(machine.secrets.entries.size, 0);
    });

    it('does not undo a login that happened meanwhile, even after a logout', async () => {
      const held = heldGrant();
      const refreshing = window.tokens.refresh(owner, held.endpoint);
      await held.asked;
      await window.tokens.signOut('c1');
      await signIn('new');
      held.answer(grant('2'));
      assert.equal((await refreshing).accessToken, 'access-new');
      assert.equal((await window.tokens.tokens(owner))?.accessToken, 'access-new');
    });

    /** Has something else begin at the moment in which the renewed pair is written. */
    function whileStoringRenewed(begin: () => Promise<unknown>): () => Promise<unknown> {
      const store = machine.secrets.store.bind(machine.secrets);
      let other: Promise<unknown> | undefined;
      machine.secrets.store = async (key, value) => {
        if (value.includes('access-2')) {
          other ??= begin();
          await machine.clock.advanceAsync(0);
        }
        return store(key, value);
      };
      return async () => other;
    }

    for (const [where, windowOf] of [
      ['here', () => window],
      ['in another window', () => new CoreWindow(machine, 'b')],
    ] as const) {
      it(`does not undo a logout that happens ${where} while the new pair is stored`, async () => {
        const loggedOut = whileStoringRenewed(() => windowOf().tokens.signOut('c1'));
        await refresh('2');
        await loggedOut();
        assert.equal(await stateKind(), 'none');
        assert.equal(machine.secrets.entries.size, 0);
      });

      it(`does not undo a login that ends ${where} while the new pair is stored`, async () => {
        const loggedIn = whileStoringRenewed(() => signIn('new', windowOf()));
        await refresh('2');
        await loggedIn();
        assert.equal((await window.tokens.tokens(owner))?.accessToken, 'access-new');
      });
    }

    it('does not blame a new login for the refusal of the old pair', async () => {
      const held = heldGrant();
      const refreshing = window.tokens.refresh(owner, held.endpoint);
      await held.asked;
      await signIn('new');
      held.fail(new WorkbenchError('refresh/refused'));
      assert.equal((await refreshing).accessToken, 'access-new');
      assert.equal(await stateKind(), 'valid');
    });
  });

  it('keeps the tokens of a session that the server ended, until the next login', async () => {
    await signIn('1');
    let told = 0;
    window.tokens.tokenSetChanged(() => told++);
    await window.tokens.requireReauthentication('c1', 'fhir/signed-out');
    assert.equal(told, 1);
    assert.equal(await stateKind(), 'reauthenticationRequired');
    assert.equal((await window.tokens.tokens(owner))?.accessToken, 'access-1');
  });

  it('wipes tokens and session at sign-out', async () => {
    await signIn('1');
    await window.tokens.signOut('c1');
    assert.equal(await window.tokens.tokens(owner), undefined);
    assert.equal(machine.secrets.entries.size, 0);
    assert.equal(await session(), undefined);
  });
});

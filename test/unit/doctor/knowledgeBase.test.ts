import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { evidenceOfError, stepOf } from '../../../src/core/doctor/evidence.ts';
import { rules } from '../../../src/core/doctor/knowledgeBase.ts';
import type { Rule } from '../../../src/core/doctor/rule.ts';
import { fillIn, translate } from '../../../src/core/doctor/translator.ts';

const rule = (id: string, when: Rule['when']): Rule => ({
  ...{ id, when, chapter: 'fhir', happened: `${id} {what}.`, why: 'Why.', remedy: 'Do.', sign: 'sign' },
});

describe('The knowledge base', () => {
  it('has each id once, fit for an address', () => {
    const ids = rules.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[a-z][a-z0-9-]+$/);
  });

  for (const { id, happened, why, remedy, defaults = {}, screen, when } of rules) {
    it(`says in whole sentences what ${id} is`, () => {
      for (const sentence of [happened, why, remedy]) {
        assert.match(fillIn(sentence, defaults), /^[\p{Lu}{"].*[.:)?]$/su);
        assert.doesNotMatch(sentence, /!|oops/i);
      }
      assert.ok(when.length > 0 && when.every((condition) => Object.keys(condition).length > 0));
      if (screen) assert.match(screen, /^Administration → /);
    });
  }
});

describe('The translator', () => {
  it('takes the rule that asks for most and gets all of it', () => {
    const wide = rule('wide', [{ step: 'fhir', status: 401 }]);
    const narrow = rule('narrow', [{ step: 'fhir', status: 401, said: /revoked/ }]);
    const named = (said: string) => translate({ step: 'fhir', status: 401, said }, [wide, narrow])?.rule.id;
    assert.equal(named('token was revoked'), 'narrow');
    assert.equal(named('nothing'), 'wide');
    assert.equal(translate({ step: 'token', status: 401 }, [wide, narrow]), undefined);
  });

  it('learns a new failure from a new entry alone', () => {
    const teapot = rule('teapot', [{ status: 418, header: { name: 'x-brew', matches: /tea/ }, era: '8.2' }]);
    const evidence = { step: 'http', status: 418, headers: { 'x-brew': 'tea' }, era: '8.2' } as const;
    assert.equal(translate(evidence, [...rules, teapot])?.rule, teapot);
    assert.notEqual(translate({ ...evidence, era: '7.0' }, [...rules, teapot])?.rule, teapot);
  });

  it('fills facts in, cuts what is endless, and has words for what is not known', () => {
    const known = { ...rule('known', [{ step: 'dns' }]), defaults: { what: 'something' } };
    const text = (facts: Record<string, string>) => {
      const found = translate({ step: 'dns', facts }, [known]);
      return found && fillIn(found.rule.happened, found.facts);
    };
    assert.equal(text({}), 'known something.');
    assert.equal(text({ what: 'emr.test' }), 'known emr.test.');
    assert.ok((text({ what: 'x'.repeat(5000) }) ?? '').length < 250);
  });

  it('reads the scope that a hint names', () => {
    const details = { status: 400, error: 'invalid_scope', hint: 'Check the `user/Bogus.read` scope' };
    const found = translate(evidenceOfError(new WorkbenchError('registration/scope-refused', { details })));
    assert.equal(found?.rule.id, 'scope-unknown');
    assert.equal(found.facts['scope'], 'user/Bogus.read');
  });

  it('keeps no secret of an answer in its evidence', () => {
    const hint = 'Bearer eyJhbGciOi.eyJzdWIi.sig code=def50200abc';
    const evidence = evidenceOfError(new WorkbenchError('grant/refused', { details: { status: 400, hint } }));
    assert.doesNotMatch(evidence.said ?? '', /eyJ|def50200/);
  });
});

describe('The step of a request', () => {
  const cases = [
    ['POST', '/oauth2/default/token', 'refresh', 'grant_type=refresh_token'],
    ['POST', '/oauth2/default/token', 'token', 'grant_type=authorization_code'],
    ['POST', '/openemr/oauth2/site2/registration', 'registration'],
    ['GET', '/apis/default/fhir/metadata', 'capability'],
    ['GET', '/apis/default/fhir/Patient?x=1', 'fhir'],
    ['POST', '/apis/default/fhir/Patient/_search', 'fhir'],
    ['POST', '/apis/default/fhir/Patient', 'fhirWrite'],
    ['GET', '/elsewhere', 'http'],
  ] as const;
  for (const [method, path, step, requestBody] of cases) {
    it(`is ${step} for ${method} ${path}`, () => {
      assert.equal(stepOf({ method, url: `https://emr.test${path}`, requestBody }), step);
    });
  }
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { isWorkbenchError, type WorkbenchError } from '../../../src/core/base/errors.ts';
import { parseJson, parseJsonResponse } from '../../../src/core/http/json.ts';

const schema = z.looseObject({ issuer: z.string(), scopes: z.optional(z.array(z.string())) });
const expected = {
  url: 'https://emr.test/oauth2/default/.well-known/openid-configuration?secret=1',
  invalidShape: 'discovery/invalid-metadata',
} as const;

function response(text: string, contentType = 'application/json') {
  return { status: 200, headers: new Headers({ 'content-type': contentType }), text };
}

function failureOf(run: () => unknown): WorkbenchError {
  try {
    run();
  } catch (error) {
    assert.ok(isWorkbenchError(error));
    return error;
  }
  return assert.fail('did not throw');
}

describe('parseJsonResponse', () => {
  it('gives the value of the shape that was asked for', () => {
    const value = parseJsonResponse(response('{"issuer":"https://emr.test","more":1}'), schema, expected);
    assert.deepEqual(value, { issuer: 'https://emr.test', more: 1 });
  });

  const bodies: readonly [string, string, string][] = [
    ['HTML', '\n <!doctype html><title>Login</title>', 'html'],
    ['nothing', '', 'empty'],
    ['white space', ' \r\n\t', 'empty'],
    ['a truncated object', '{"issuer":"https://em', 'malformed'],
    ['a sentence', 'Bad request', 'malformed'],
    ['two documents', '{"issuer":"a"}{"issuer":"b"}', 'malformed'],
    ['an endless nest', '['.repeat(2_000_000), 'too-deep'],
    ['a closed nest', `${'['.repeat(5000)}${']'.repeat(5000)}`, 'too-deep'],
  ];
  for (const [name, text, reason] of bodies) {
    it(`refuses ${name} as no JSON`, () => {
      const error = failureOf(() => parseJsonResponse(response(text, 'text/html'), schema, expected));
      assert.equal(error.code, 'http/not-json');
      assert.deepEqual(error.details, {
        host: 'emr.test',
        path: '/oauth2/default/.well-known/openid-configuration',
        status: 200,
        reason,
        contentType: 'text/html',
      });
    });
  }

  it('names what is wrong with another shape, without its values', () => {
    const text = '{"issuer":5,"scopes":["a",{"x":"hush-hush"}]}';
    const error = failureOf(() => parseJsonResponse(response(text), schema, expected));
    assert.equal(error.code, 'discovery/invalid-metadata');
    assert.deepEqual(error.details['issues'], ['issuer: invalid_type', 'scopes.1: invalid_type']);
    assert.ok(!JSON.stringify(error.details).includes('hush-hush'));
  });

  for (const text of ['null', '[]', '5', '"text"', 'true']) {
    it(`refuses ${text} where an object is wanted`, () => {
      const error = failureOf(() => parseJsonResponse(response(text), schema, expected));
      assert.equal(error.code, 'discovery/invalid-metadata');
      assert.deepEqual(error.details['issues'], ['(whole): invalid_type']);
    });
  }

  it('reports five issues of many', () => {
    const text = JSON.stringify({ issuer: 'a', scopes: Array.from({ length: 100 }, () => 1) });
    const error = failureOf(() => parseJsonResponse(response(text), schema, expected));
    assert.equal((error.details['issues'] as string[]).length, 5);
  });
});

describe('parseJson', () => {
  it('drops members that would become prototypes, however they are spelt', () => {
    for (const key of [
      '__proto__',
      '\\u005f_proto__',
      '\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f',
    ]) {
      const parsed = parseJson(`{"list":[{"${key}":{"isAdmin":true},"name":"x"}]}`);
      assert.ok('value' in parsed);
      const [item] = (parsed.value as { list: object[] }).list;
      assert.deepEqual(Object.keys(item!), ['name']);
      assert.equal((Object.assign({}, item) as { isAdmin?: boolean }).isAdmin, undefined);
    }
  });

  it('counts brackets outside of strings only', () => {
    const text = JSON.stringify({ text: `${'['.repeat(1000)}\\"${'{'.repeat(1000)}"` });
    assert.deepEqual(parseJson(text), { value: JSON.parse(text) as unknown });
  });

  it('gives back all JSON that is not hostile', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__'));
        assert.deepEqual(parseJson(text), { value: JSON.parse(text) as unknown });
      }),
    );
  });

  it('throws at no text whatever', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseJson(text)));
  });
});

import assert from 'node:assert/strict';
import { isWorkbenchError, toWorkbenchError, WorkbenchError } from '../../../src/core/base/errors.ts';

describe('WorkbenchError', () => {
  it('carries code, details and cause', () => {
    const cause = new Error('below');
    const error = new WorkbenchError('network/dns', { details: { host: 'emr.test' }, cause });
    assert.equal(error.code, 'network/dns');
    assert.equal(error.message, 'network/dns');
    assert.equal(error.name, 'WorkbenchError');
    assert.deepEqual(error.details, { host: 'emr.test' });
    assert.equal(error.cause, cause);
  });

  it('has no cause of its own making', () => {
    const error = new WorkbenchError('network/dns');
    assert.equal('cause' in error, false);
    assert.deepEqual(error.details, {});
  });
});

describe('isWorkbenchError', () => {
  it('recognises ours, by code where codes are given', () => {
    const error = new WorkbenchError('network/dns');
    assert.equal(isWorkbenchError(error), true);
    assert.equal(isWorkbenchError(error, 'network/reset', 'network/dns'), true);
    assert.equal(isWorkbenchError(error, 'network/reset'), false);
  });

  it('takes nothing else for ours', () => {
    for (const other of [new Error('network/dns'), { code: 'network/dns' }, 'network/dns', undefined]) {
      assert.equal(isWorkbenchError(other), false);
    }
  });
});

describe('toWorkbenchError', () => {
  it('leaves ours alone', () => {
    const error = new WorkbenchError('network/dns');
    assert.equal(toWorkbenchError(error), error);
  });

  it('takes an abort for a cancellation', () => {
    const controller = new AbortController();
    controller.abort();
    assert.equal(toWorkbenchError(controller.signal.reason).code, 'operation/cancelled');
    assert.equal(
      toWorkbenchError(Object.assign(new Error('stop'), { name: 'AbortError' })).code,
      'operation/cancelled',
    );
  });

  it('calls everything else a defect and keeps it as the cause', () => {
    for (const thrown of [new TypeError('undefined is not a function'), 'text', undefined, null]) {
      const error = toWorkbenchError(thrown);
      assert.equal(error.code, 'internal/unexpected');
      assert.equal(error.cause, thrown);
    }
  });
});

import { AsyncLocalStorage } from 'node:async_hooks';
import type { RecordedExchange } from '../core/transcript/recordedExchange.ts';
import type { FlowScope } from '../core/transcript/transcript.ts';

/** Keeps the flow beside everything that it awaits, by Node's asynchronous context. */
export function createFlowScope(): FlowScope {
  const storage = new AsyncLocalStorage<RecordedExchange[] | undefined>();
  return {
    run: (exchanges, operation) => storage.run(exchanges, operation),
    current: () => storage.getStore(),
    leave: (operation) => storage.run(undefined, operation),
  };
}

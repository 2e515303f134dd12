import assert from 'node:assert/strict';
import { EventEmitter } from '../../src/core/base/event.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { TokenState } from '../../src/core/oauth/tokenSet.ts';
import { ConnectionTree, type ConnectionTreeDependencies } from '../../src/vscode/connectionTree.ts';
import { FakeClock } from '../fakes/clock.ts';

describe('The time left in the connections view', () => {
  it('counts down, for the connections alone that are signed in', async () => {
    const clock = new FakeClock();
    const connection = (id: string) => ({ id, name: id, baseUrl: 'https://emr.example.org' }) as Connection;
    const all = [connection('a'), connection('b')];
    const states: Record<string, TokenState> = {
      a: { kind: 'valid', expiresAt: clock.now() + 3_600_000 },
      b: { kind: 'none' },
    };
    const silent = new EventEmitter<undefined>().event;
    const tree = new ConnectionTree({
      clock,
      connections: {
        all: () => all,
        state: ({ id }: Connection) => Promise.resolve(states[id]),
        connectionChanged: silent,
      },
      active: { among: () => all[0], onDidChange: silent },
      progress: { nextStep: () => 'logIn' },
    } as unknown as ConnectionTreeDependencies);
    const descriptions = async () => {
      const items = (await tree.getChildren()).map(async (node) => tree.getTreeItem(node));
      return (await Promise.all(items)).map(({ description }) => description);
    };
    assert.deepEqual(await descriptions(), ['1 h', 'signed out']);
    const drawn: unknown[] = [];
    tree.onDidChangeTreeData((node) => drawn.push(node));
    await clock.advanceAsync(60_000);
    assert.deepEqual(drawn, [all[0]]);
    assert.deepEqual(await descriptions(), ['59 min', 'signed out']);
    tree.dispose();
    await clock.advanceAsync(120_000);
    assert.equal(drawn.length, 1);
  });
});

// npm run demo: the whole flow in the real VS Code, without a person. The last line is the result as JSON.
import { parseDemoOptions } from './demoOptions.ts';
import { runDemo } from './demoRun.ts';
import { MissingRequirement, say } from './progress.ts';
import { Cleanup, stopRequested } from './shutdown.ts';

async function demo(args: readonly string[], cleanup: Cleanup): Promise<number> {
  try {
    const result = await runDemo(parseDemoOptions(args), { line: (text) => console.log(text) }, cleanup);
    console.log(JSON.stringify(result));
    return result.ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof MissingRequirement)) throw error;
    say(error.message);
    return 1;
  }
}

const cleanup = new Cleanup();
const status = await Promise.race([demo(process.argv.slice(2), cleanup), stopRequested().then(() => 130)]);
await cleanup.run();
process.exit(status);

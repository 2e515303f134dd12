// npm run demo: the whole flow in the real VS Code, without a person. The last line is the result as JSON.
import { parseDemoOptions } from './demoOptions.ts';
import { runDemo } from './demoRun.ts';
import { MissingRequirement, say } from './progress.ts';
import { stopRequested } from './shutdown.ts';

async function demo(args: readonly string[]): Promise<number> {
  try {
    const result = await runDemo(parseDemoOptions(args), { line: (text) => console.log(text) });
    console.log(JSON.stringify(result));
    return result.ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof MissingRequirement)) throw error;
    say(error.message);
    return 1;
  }
}

process.exit(await Promise.race([demo(process.argv.slice(2)), stopRequested().then(() => 130)]));

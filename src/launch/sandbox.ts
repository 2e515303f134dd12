// npm run sandbox -- [options]: the sandbox alone, from its sources, on this Node.
import '../sandbox/main.ts';

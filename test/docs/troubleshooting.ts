import { readFileSync } from 'node:fs';
import { WorkbenchError, type ErrorCode, type ErrorDetails } from '../../src/core/base/errors.ts';
import { rules } from '../../src/core/doctor/knowledgeBase.ts';
import { chapters, type Chapter, type Rule } from '../../src/core/doctor/rule.ts';
import { fillIn } from '../../src/core/doctor/translator.ts';
import { errorTextOf } from '../../src/vscode/errorTexts.ts';

const chapterTitles: Record<Chapter, readonly [title: string, introduction: string]> = {
  address: ['The address', 'What you type into Base URL.'],
  reaching: [
    'Reaching the server',
    'The way from this computer to the server, and whether anything answers there.',
  ],
  certificate: ['The certificate', 'A certificate is how a server proves that it is the one you mean.'],
  openemr: ['Is it OpenEMR?', 'What answers, and what it says of itself.'],
  registration: [
    'Registering the client',
    'OpenEMR lets in only programs that it knows; the workbench becomes known by a registration.',
  ],
  login: [
    'Logging in',
    'From the click on **Log in** to the sign-in page. If the page after **Authorize** cannot be reached, the browser runs on another computer than VS Code: press **Paste address** in the progress message.',
  ],
  token: [
    'Finishing the login',
    'After **Authorize** OpenEMR hands out a token, the pass for the next hour.',
  ],
  session: ['Staying logged in', 'Tokens are renewed before they run out, each renewal token once.'],
  fhir: ['Reading data', 'The login works, and records do not come.'],
  programs: [
    'For authors of other programs',
    'For those who write programs of their own: requests that OpenEMR refuses, and how it wants them. The workbench sends none of these.',
  ],
};

const codeGroups: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['Address, network, certificate', /^(?:address|network|tls|http)\//],
  ['Server and registration', /^(?:discovery|registration)\//],
  ['Login', /^(?:authorization|grant|id-token)\//],
  ['Session and records', /^(?:refresh|token|fhir)\//],
  [
    'This computer',
    /^(?!address|network|tls|http|discovery|registration|authorization|grant|id-token|refresh|token|fhir)/,
  ],
];

const beginning = `# When something does not work

<!-- Made from the rules in src/core/doctor/rules and the texts in src/vscode/errorTexts: npm run docs:troubleshooting -->

Nothing here assumes that you know how logins between programs work.

1. Run **OpenEMR: Run Connection Doctor**, or press **Run doctor** in the panel. It looks at everything between this computer and the records, in order, and names the first thing that is wrong. It changes nothing.
2. Do what it says there. Where a screen of OpenEMR is named, an administrator has to do it.
3. If you need help, **OpenEMR: Copy Support Report** collects what helps, without passwords, tokens or patients, and shows it to you first.

Words you will meet: a **client** is the workbench as OpenEMR knows it; a **token** is the pass that a login hands out, good for an hour; a **scope** is a permission; the **return address** (_redirect URI_) is where the browser goes after the login; **FHIR** is the way in which records are read.

In each table the last column says how the failure looks to those who read the raw answers.
`;

/** docs/troubleshooting.md as it has to be: a row for each rule, and one for each error code. */
export function troubleshootingDocument(): string {
  const forPeople = chapters.filter((chapter) => chapter !== 'programs');
  const titles = [...forPeople.map(titleOf), 'By code', titleOf('programs')];
  const contents = titles.map((title) => `- [${title}](#${anchorOf(title)})`).join('\n');
  return [
    ...[beginning, `${contents}\n`, ...forPeople.map(chapterText)],
    ...[codesText(), chapterText('programs')],
  ].join('\n');
}

function titleOf(chapter: Chapter): string {
  return chapterTitles[chapter][0];
}

function chapterText(chapter: Chapter): string {
  const [title, introduction] = chapterTitles[chapter];
  const rows = rules.filter((rule) => rule.chapter === chapter).map(ruleRow);
  return `## ${title}

${introduction}

| What happened | Most likely because | What to do | Raw sign |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function ruleRow(rule: Rule): string {
  const { id, happened, why, remedy, screen, sign } = rule;
  const said = (sentence: string) => cell(fillIn(sentence, rule.defaults ?? {}));
  const where = screen ? ` **${screen}**` : '';
  return `| <a id="${id}"></a>${said(happened)} | ${said(why)} | ${said(remedy)}${where} | ${cell(sign)} |`;
}

function codesText(): string {
  const codes = allCodes();
  const groups = codeGroups.map(([title, pattern]) => {
    const rows = codes.filter((code) => pattern.test(code)).map(codeRow);
    return `### ${title}\n\n| What happened | Most likely because | What to do |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `## By code

Under _Details_ every failure has a short code. What the server said makes the sentence more precise; the code stays. Here \`emr.example.org\` stands for your server.

${groups.join('\n')}`;
}

function codeRow(code: ErrorCode): string {
  const { happened, why, remedy } = errorTextOf(new WorkbenchError(code, { details: sampleFacts(code) }));
  return `| ${cell(happened)} \`${code}\` | ${cell(why)} | ${cell(remedy)} |`;
}

/** What an error knows of its circumstances, so that the sentences read as they do in the editor. */
function sampleFacts(code: ErrorCode): ErrorDetails {
  return {
    host: 'emr.example.org',
    site: 'clinic2',
    status: code === 'http/server-error' ? 500 : 404,
    ...(code === 'discovery/issuer-mismatch'
      ? { found: 'https://emr.example.org', expected: 'https://10.0.0.5' }
      : {}),
  };
}

function allCodes(): ErrorCode[] {
  const source = readFileSync(new URL('../../src/core/base/errors.ts', import.meta.url), 'utf8');
  return Array.from(source.matchAll(/^ {2}\| '([a-z-]+\/[a-z-]+)'/gm), ([, code]) => code as ErrorCode);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<site>', '&lt;site&gt;');
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}

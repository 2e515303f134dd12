import { readFileSync } from 'node:fs';
import * as ts from 'typescript';

/** Names of properties that VS Code shows to people. */
const shownProperties = new Set([
  'title',
  'label',
  'placeHolder',
  'prompt',
  'description',
  'detail',
  'tooltip',
  'message',
  'happened',
  'why',
  'remedy',
  'meaning',
  'saveLabel',
  'openLabel',
  'ariaLabel',
]);
const showingCalls = /^(show(Error|Warning|Information)Message|setStatusBarMessage|withProgress|report)$/;
/** What goes to developers and to the log is English everywhere. */
const innerCalls = /^(t|debug|info|warn|error|trace|appendLine|assert)$|Error$/;
const sentence = /\p{L}{2,}[,:]? \p{L}{2,}/u;
const word = /\p{L}{3,}/u;

/** Texts of a source file that people would see untranslated, with line numbers. */
export function plainTexts(path: string, source = readFileSync(path, 'utf8')): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isInner(node)) return;
    const text = textOf(node);
    if (text !== undefined && (sentence.test(text) || (word.test(text) && isShown(node)))) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path}:${line + 1} ${text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isInner(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return true;
  return (ts.isCallExpression(node) || ts.isNewExpression(node)) && innerCalls.test(nameOf(node.expression));
}

function nameOf(expression: ts.Expression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…');
}

/** Whether the text stands where VS Code shows it; a choice between two texts counts as its place. */
function isShown(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isConditionalExpression(parent) || ts.isParenthesizedExpression(parent)) return isShown(parent);
  if (ts.isPropertyAssignment(parent)) {
    return parent.initializer === node && shownProperties.has(parent.name.getText());
  }
  return ts.isCallExpression(parent) && showingCalls.test(nameOf(parent.expression));
}

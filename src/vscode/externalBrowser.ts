import { env, UIKind, Uri } from 'vscode';
import type { ExternalBrowser } from '../core/ports.ts';

/** Opens pages in the user's browser exactly as they are written. */
export class VscodeBrowser implements ExternalBrowser {
  async open(url: string): Promise<boolean> {
    // A Uri would be decoded and encoded anew, which changes redirect_uri and `+`; a string is passed on untouched.
    return env.openExternal(url as unknown as Uri);
  }
}

/** Whether the editor itself runs in a browser. */
export function isBrowserHost(): boolean {
  return env.uiKind === UIKind.Web;
}

/** The address of our URI handler in this product: `vscode://`, `vscode-insiders://`, `code-oss://` … */
export function callbackUri(): string {
  return `${env.uriScheme}://emr-workbench.openemr-workbench/callback`;
}

/** How the outside reaches `uri`: with the scheme kept on a desktop, as http(s) in a browser host. */
export async function asExternalUri(uri: string): Promise<string> {
  // Without `true`, `=` and `&` of the query would come out encoded.
  return (await env.asExternalUri(Uri.parse(uri))).toString(true);
}

import { window, type Disposable, type Uri } from 'vscode';

/** Takes the address of a callback as text, however late and whoever it was meant for. */
export type CallbackReceiver = (callbackUrl: string) => void;

/**
 * Registers the handler of `<scheme>://emr-workbench.openemr-workbench/…` at once, for the editor drops what arrives
 * before. The receiver is loaded with the first callback; a failed load is tried again with the next.
 */
export function registerUriHandler(loadReceiver: () => Promise<CallbackReceiver>): Disposable {
  return window.registerUriHandler({
    async handleUri(uri) {
      if (uri.path !== '/callback') return;
      const callbackUrl = textOf(uri);
      (await loadReceiver())(callbackUrl);
    },
  });
}

/** The editor has decoded the query once; only what would end it early is encoded again. */
function textOf({ scheme, authority, path, query }: Uri): string {
  return `${scheme}://${authority}${path}${query && `?${query.replaceAll('#', '%23')}`}`;
}

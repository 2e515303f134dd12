// What the start of the extension is compared with: an extension that does nothing.
export function activate() {}

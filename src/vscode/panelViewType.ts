/** The connection panel's kind; it stands in what VS Code stores of open panels, so it never changes. */
export const panelViewType = 'openemr.connectionPanel';

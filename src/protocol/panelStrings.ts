import * as z from 'zod/mini';

/** Every text of the panel's own. `{0}`, `{1}` are filled in by the page. */
export const panelStringKeys = ['discover', 'registerClient', 'save'] as const;

export type PanelStringKey = (typeof panelStringKeys)[number];
export const panelStringsSchema = z.record(z.enum(panelStringKeys), z.string());
export type PanelStrings = z.infer<typeof panelStringsSchema>;

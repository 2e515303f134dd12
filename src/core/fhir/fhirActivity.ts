import type { ReportFormat } from './reportExport.ts';

/** What people did with records and tokens, for whoever keeps a log of it. Nothing of a record is in it. */
export type FhirActivity =
  | {
      readonly action: 'read';
      readonly connectionId: string;
      readonly resourceType: string;
      readonly count: number;
    }
  | {
      readonly action: 'revealed';
      readonly connectionId: string;
      /** Absent where everything was revealed for the session. */
      readonly resourceType?: string;
    }
  | { readonly action: 'masked-again'; readonly connectionId: string }
  | {
      readonly action: 'probed';
      readonly connectionId: string;
      readonly allowed: number;
      readonly refused: number;
    }
  | { readonly action: 'access-token-copied'; readonly connectionId: string }
  | { readonly action: 'report-exported'; readonly connectionId: string; readonly format: ReportFormat };

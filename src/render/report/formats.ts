/** What a report can be written as. */
export const reportFormats = ['text', 'json', 'markdown', 'csv', 'html'] as const
export type ReportFormat = (typeof reportFormats)[number]

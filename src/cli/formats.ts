export const ANALYSIS_FORMATS = ["table", "json", "ndjson"] as const;
export type AnalysisFormat = (typeof ANALYSIS_FORMATS)[number];

export const STATES_FORMATS = ["table", "json", "csv"] as const;
export type StatesFormat = (typeof STATES_FORMATS)[number];

export const ANALYSIS_FORMATS = ["table", "json", "ndjson"] as const;
export type AnalysisFormat = (typeof ANALYSIS_FORMATS)[number];

export const ASSERT_FORMATS = ["table", "json", "junit"] as const;
export type AssertFormat = (typeof ASSERT_FORMATS)[number];

export const STATES_FORMATS = ["table", "json", "csv"] as const;
export type StatesFormat = (typeof STATES_FORMATS)[number];

export const COMPARE_FORMATS = ["table", "json"] as const;
export type CompareFormat = (typeof COMPARE_FORMATS)[number];

export const SHOW_FORMATS = ["table", "json"] as const;
export type ShowFormat = (typeof SHOW_FORMATS)[number];

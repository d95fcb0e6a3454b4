/** What half-closes can be counted by. Apart from the counting, so that the help needs nothing else. */
export const GROUPINGS = ["holder", "peer", "service", "subnet", "hour"] as const;
export type Grouping = (typeof GROUPINGS)[number];

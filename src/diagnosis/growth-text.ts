import type { Growth } from "../analysis/growth.ts";
import type { Exhaustion } from "../analysis/model.ts";
import { durationText, measuredText } from "./words.ts";

/** ` It grew by 4,800 ± 20 an hour: at that rate 1,024 descriptors last 12 min 48 s, 65,535 13 h 39 min.` Nothing without a trend. */
export function growthText(growth: Growth | null): string {
  if (growth === null || growth.perHour <= 0) return "";
  const lasts = (descriptors: number) => durationText((descriptors / growth.perHour) * 3600e9);
  const verb = growth.until === null ? "grows" : "grew";
  return ` It ${verb} by ${measuredText(growth.perHour, growth.errorPerHour)} an hour: at that rate 1,024 descriptors last ${lasts(1024)}, 65,535 ${lasts(65_535)}.`;
}

export function growthEvidence(growth: Growth | null, exhaustion: readonly Exhaustion[]): Record<string, unknown> {
  return {
    growthPerHour: growth && Math.round(growth.perHour * 10) / 10,
    growthErrorPerHour: growth && Math.round(growth.errorPerHour * 10) / 10,
    descriptors1024Seconds: growth && growth.perHour > 0 ? Math.round((1024 / growth.perHour) * 3600) : null,
    descriptors65535Seconds: growth && growth.perHour > 0 ? Math.round((65_535 / growth.perHour) * 3600) : null,
    exhaustion,
  };
}

import { type Problem, problem } from '../problems.ts';
import type { ReadableSettings } from '../schema/settings.ts';
import { isRead } from '../unread.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';

/** Schedules of no time. */
export function emptySchedules({ positions }: YamlDocument, { schedules }: ReadableSettings): Problem[] {
  if (!schedules || !isRead(schedules)) return [];
  return Object.entries(schedules).flatMap(([name, schedule]) => {
    if (!isRead(schedule) || !isRead(schedule.from) || schedule.from !== schedule.to) return [];
    const sentence = 'This schedule begins when it ends: for whole days leave it away, or write from 00:00 to 23:59.';
    return [problem(positions.value(['schedules', name, 'to']), 'empty-schedule', sentence)];
  });
}

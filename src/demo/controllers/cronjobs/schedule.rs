//! When a cron job starts: the five fields of cron, in UTC.

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::demo::world::Moment;

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Years after which a schedule without a date is given up.
const HORIZON: i32 = 5;

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Schedule {
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The values that a field allows, a bit each.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Field {
    bits: u64,
    /// Whether it says nothing: of two fields for days, the one that says something decides.
    any: bool,
}

impl Field {
    fn has(self, value: i64) -> bool {
        self.bits & (1 << value) != 0
    }
}

impl Schedule {
    /// Reads a schedule; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Schedule> {
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = *fields else { return None };
        Some(Schedule {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, MONTHS)?,
            weekdays: field(weekdays, 0, 6, DAYS)?,
        })
    }

    /// The first time after `moment`.
    pub(super) fn after(&self, moment: Moment) -> Option<Moment> {
        let start = jiff::Timestamp::from_millisecond(moment.0).ok()?;
        let start = TimeZone::UTC.to_datetime(start);
        let end = start.year() + HORIZON as i16;
        let minute = start.date().at(start.hour(), start.minute(), 0, 0);
        let mut at = minute.checked_add(1.minute()).ok()?;
        while at.year() <= end {
            at = match self.next_try(at) {
                Some(later) => later?,
                None => return Some(Moment(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())),
            };
        }
        None
    }

    /// Where to look next if the schedule does not allow this minute.
    fn next_try(&self, at: DateTime) -> Option<Option<DateTime>> {
        let midnight = at.date().at(0, 0, 0, 0);
        if !self.months.has(i64::from(at.month())) {
            return Some(at.date().first_of_month().at(0, 0, 0, 0).checked_add(1.month()).ok());
        }
        if !self.allows_day(at) {
            return Some(midnight.checked_add(1.day()).ok());
        }
        if !self.hours.has(i64::from(at.hour())) {
            return Some(at.date().at(at.hour(), 0, 0, 0).checked_add(1.hour()).ok());
        }
        (!self.minutes.has(i64::from(at.minute()))).then(|| at.checked_add(1.minute()).ok())
    }

    /// Where both fields for days say something, either one will do.
    fn allows_day(&self, at: DateTime) -> bool {
        let day = self.days.has(i64::from(at.day()));
        let weekday = self.weekdays.has(i64::from(at.weekday().to_sunday_zero_offset()));
        if self.days.any || self.weekdays.any { day && weekday } else { day || weekday }
    }
}

/// Reads one field: lists of `*`, `a`, `a-b`, each perhaps with a step.
fn field(text: &str, first: i64, last: i64, names: &[&str]) -> Option<Field> {
    let number = |text: &str| {
        let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
        let value = named.map_or_else(|| text.parse().ok(), |at| Some(at as i64 + first))?;
        // Sunday has two numbers.
        let value = if names == DAYS && value == 7 { 0 } else { value };
        (first..=last).contains(&value).then_some(value)
    };
    let (mut bits, mut any) = (0, false);
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step = step.map_or(Some(1), |step| step.parse::<i64>().ok().filter(|step| *step > 0))?;
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => {
                any |= step == 1;
                (first, last)
            }
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => (number(range)?, last),
            None => (number(range)?, number(range)?),
        };
        for value in (from..=to).step_by(step as usize) {
            bits |= 1 << value;
        }
    }
    (bits != 0).then_some(Field { bits, any })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> Option<String> {
        Schedule::parse(schedule)?.after(Moment::parse(after)?).map(Moment::rfc3339)
    }

    #[test]
    fn the_next_time_is_found() {
        // 2026-11-24 is a Tuesday.
        let now = "2026-11-24T20:02:30Z";
        for (schedule, wanted) in [
            ("* * * * *", "2026-11-24T20:03:00Z"),
            ("*/15 * * * *", "2026-11-24T20:15:00Z"),
            ("5/20 20 * * *", "2026-11-24T20:05:00Z"),
            ("0 3 * * *", "2026-11-25T03:00:00Z"),
            ("30 8-10 * * mon-fri", "2026-11-25T08:30:00Z"),
            ("0 0 * * 7", "2026-11-29T00:00:00Z"),
            ("0 0 1 jan,jul *", "2027-01-01T00:00:00Z"),
            ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
            ("0 0 13 * fri", "2026-11-27T00:00:00Z"),
            ("@hourly", "2026-11-24T21:00:00Z"),
        ] {
            assert_eq!(next(schedule, now).as_deref(), Some(wanted), "{schedule}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_none_and_one_without_a_date_has_no_next_time() {
        for schedule in ["", "* * * *", "60 * * * *", "x * * * *", "*/0 * * * *", "0 0 0 * *"] {
            assert_eq!(Schedule::parse(schedule), None, "{schedule}");
        }
        assert_eq!(next("0 0 30 2 *", "2026-11-24T20:02:30Z"), None);
    }
}

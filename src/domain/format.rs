//! How sizes, rates, ages and times are written for people, on the screen and by the command line alike.

use chrono::{DateTime, Local, Utc};

const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/// Bytes as people read them: `0 B`, `12 KiB`, `2.4 MiB`.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if value >= 1023.95 && unit > 0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 99.95 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// Bytes a second.
pub fn rate(bytes_a_second: f64) -> String {
    format!("{}/s", size(bytes_a_second.max(0.0) as u64))
}

/// Seconds as a clock: `0:16`, `12:05`, `3:00:12`.
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A length of time in words: `5 min`, `1 h 30 min`, `24 h`, `7 d`. Up to two days it is told in hours.
pub fn span(seconds: u64) -> String {
    let days = if seconds < 2 * 86_400 { 0 } else { seconds / 86_400 };
    let hours = (seconds - days * 86_400) / 3600;
    let parts = [(days, "d"), (hours, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let words: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).take(2).map(|(count, unit)| format!("{count} {unit}")).collect();
    if words.is_empty() { "0 s".into() } else { words.join(" ") }
}

/// How long ago, as a list shows it: `just now`, `2 min ago`, `3 h ago`, `yesterday`, `12 Nov`, `3 Feb 2025`.
pub fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - then).num_seconds();
    match seconds {
        i64::MIN..=59 => "just now".into(),
        60..=3599 => format!("{} min ago", seconds / 60),
        3600..=86_399 => format!("{} h ago", seconds / 3600),
        86_400..=172_799 => "yesterday".into(),
        _ => date(then, now),
    }
}

/// A file's time as a list shows it: the hour today, the day this year, else the whole date. Local time.
pub fn date(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (then, now) = (then.with_timezone(&Local), now.with_timezone(&Local));
    if then.date_naive() == now.date_naive() {
        then.format("%H:%M").to_string()
    } else if then.format("%Y").to_string() == now.format("%Y").to_string() {
        then.format("%-d %b").to_string()
    } else {
        then.format("%-d %b %Y").to_string()
    }
}

/// A moment in full, local time.
pub fn moment(then: DateTime<Utc>) -> String {
    then.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S %z").to_string()
}

/// A moment to the minute, local time: `2026-11-22 14:32`.
pub fn minute(then: DateTime<Utc>) -> String {
    then.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string()
}

/// A moment of these days, as short as it is certain, local time: `22 Nov 14:32`.
pub fn moment_soon(then: DateTime<Utc>) -> String {
    then.with_timezone(&Local).format("%-d %b %H:%M").to_string()
}

/// A count with thin grouping: `12,400`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Reads a length of time such as `90s`, `5m`, `5 min`, `1h`, `24h`, `7d` as seconds. A number alone is none but 0: nobody
/// knows of what.
pub fn parse_span(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "" if number == 0 => 1,
        "s" | "sec" | "seconds" => 1,
        "m" | "min" | "minutes" => 60,
        "h" | "hours" => 3600,
        "d" | "days" => 86_400,
        "w" | "weeks" => 604_800,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// What a number without a unit may have meant: "24s, 24m or 24h"; `None` for anything else.
pub fn spans_of(text: &str) -> Option<String> {
    let number: u64 = text.trim().parse().ok()?;
    Some(format!("{number}s, {number}m or {number}h"))
}

/// Reads a size such as `0`, `512K`, `10M`, `10 MiB`, `1G` as bytes; the units are powers of 1024.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim().to_ascii_lowercase().trim_end_matches("/s") {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1_u64 << 40,
        _ => return None,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn sizes_keep_to_eight_columns() {
        let cases = [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (2_516_582, "2.4 MiB"), (1 << 30, "1.0 GiB")];
        for (bytes, shown) in cases {
            assert_eq!(size(bytes), shown);
        }
        assert!((0..64).all(|bit| size(1 << bit).len() <= 9));
        assert_eq!(size(1024 * 1024 - 1), "1.0 MiB");
    }

    #[test]
    fn spans_read_back() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("5 min", 300), ("1h", 3600), ("7d", 604_800), ("0", 0)] {
            assert_eq!(parse_span(text), Some(seconds), "{text}");
        }
        assert_eq!((parse_span("24"), spans_of("24").as_deref()), (None, Some("24s, 24m or 24h")));
        assert_eq!((spans_of("24h"), spans_of("")), (None, None));
        assert_eq!(parse_span("soon"), None);
        assert_eq!(parse_span(""), None);
    }

    #[test]
    fn spans_are_told_in_two_units_and_a_day_in_hours() {
        let cases =
            [(0, "0 s"), (300, "5 min"), (3600, "1 h"), (5400, "1 h 30 min"), (86_400, "24 h"), (93_600, "26 h")];
        for (seconds, words) in cases.into_iter().chain([(172_800, "2 d"), (604_800, "7 d"), (180_000, "2 d 2 h")]) {
            assert_eq!(span(seconds), words);
        }
    }

    #[test]
    fn sizes_read_back() {
        assert_eq!(parse_size("10M"), Some(10 << 20));
        assert_eq!(parse_size("1 MiB/s"), Some(1 << 20));
        assert_eq!(parse_size("fast"), None);
    }

    #[test]
    fn ages_are_short() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        assert_eq!(age(now - TimeDelta::seconds(5), now), "just now");
        assert_eq!(age(now - TimeDelta::minutes(2), now), "2 min ago");
        assert_eq!(age(now - TimeDelta::hours(30), now), "yesterday");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!((count(7), count(12_400), count(1_204_000)), ("7".into(), "12,400".into(), "1,204,000".into()));
    }
}

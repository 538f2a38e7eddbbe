//! Times as the index keeps them (whole seconds since 1970, UTC) and as the S3 messages carry them.

use std::time::{Duration, SystemTime};

use s3s::dto::{Timestamp, TimestampFormat};

/// For an answer.
pub fn timestamp(seconds: i64) -> Timestamp {
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    Timestamp::from(SystemTime::UNIX_EPOCH + since)
}

/// From a request; what is before 1970 is 1970.
pub fn seconds(time: &Timestamp) -> i64 {
    format(time, TimestampFormat::EpochSeconds)
        .and_then(|text| text.split('.').next().and_then(|whole| whole.parse().ok()))
        .unwrap_or(0)
}

/// As HTTP writes it.
pub fn http_date(time: &Timestamp) -> Option<String> {
    format(time, TimestampFormat::HttpDate)
}

fn format(time: &Timestamp, format: TimestampFormat) -> Option<String> {
    let mut text = Vec::new();
    time.format(format, &mut text).ok()?;
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_survive_the_way_through_a_message() {
        assert_eq!(seconds(&timestamp(1_795_132_800)), 1_795_132_800);
        assert_eq!(http_date(&timestamp(0)).as_deref(), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
    }
}

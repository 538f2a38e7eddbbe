//! Rows and times as PostgreSQL has them. Guide tables are the user's: columns are cast to what Windlass expects, and
//! no stored time, `infinity` included, makes decoding fail.

use chrono::{DateTime, Utc};
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgRow, PgTypeInfo};
use sqlx::{Error, Postgres, Row, Type};

use crate::catalog::rules;
use crate::domain::Record;

/// The columns that [`record`] reads, of the table under the name `r`, in its order; `{key}` is the key's column.
pub const COLUMNS: &str = "r.id::bigint, r.{key}::text, r.file_url::text, r.user_id::text, \
    r.upload_timestamp::timestamptz, r.bucket::text, r.size_bytes::bigint, r.content_type::text, r.etag::text, \
    r.checksum::text, r.verified_at::timestamptz";

/// One row of [`COLUMNS`].
pub fn record(row: &PgRow) -> Result<Record, Error> {
    Ok(Record {
        id: row.try_get(0)?,
        key: row.try_get(1)?,
        url: rules::url(row.try_get(2)?),
        user_id: row.try_get::<Option<String>, _>(3)?.unwrap_or_default(),
        uploaded_at: time(row, 4)?,
        bucket: row.try_get(5)?,
        size: row.try_get::<Option<i64>, _>(6)?.and_then(|size| u64::try_from(size).ok()),
        content_type: row.try_get(7)?,
        etag: row.try_get(8)?,
        checksum: row.try_get::<Option<String>, _>(9)?.and_then(|text| text.parse().ok()),
        verified_at: time(row, 10)?,
    })
}

/// Microseconds from 1970 to 2000, where PostgreSQL's time begins.
const EPOCH: i64 = 946_684_800_000_000;

/// A time of a row. The driver's own decoding would panic at `infinity`, so the eight bytes are read as the number that
/// they are.
pub fn time(row: &PgRow, column: usize) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(row.try_get_unchecked::<Option<i64>, _>(column)?.map(from_stored))
}

/// What chrono cannot express is its first or last moment, which [`Time`] writes as `infinity` again.
fn from_stored(micros: i64) -> DateTime<Utc> {
    let end = if micros < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    micros.checked_add(EPOCH).and_then(DateTime::from_timestamp_micros).unwrap_or(end)
}

/// A time to bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub DateTime<Utc>);

impl Time {
    fn stored(self) -> i64 {
        match self.0 {
            time if time == DateTime::<Utc>::MIN_UTC => i64::MIN,
            time if time == DateTime::<Utc>::MAX_UTC => i64::MAX,
            time => time.timestamp_micros().saturating_sub(EPOCH),
        }
    }
}

impl Type<Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        <DateTime<Utc> as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Time {
    fn array_type_info() -> PgTypeInfo {
        <DateTime<Utc> as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Time {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.stored(), buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_as_they_were_stored() {
        for stored in [0, 1, -1, 800_000_000_123_456, i64::MIN, i64::MAX] {
            assert_eq!(Time(from_stored(stored)).stored(), stored);
        }
        assert_eq!(from_stored(0).to_rfc3339(), "2000-01-01T00:00:00+00:00");
    }

    #[test]
    fn nanoseconds_are_cut_to_what_the_database_keeps() {
        let time = DateTime::from_timestamp(1_000_000_000, 123_456_789).unwrap();
        assert_eq!(from_stored(Time(time).stored()).timestamp_nanos_opt(), Some(1_000_000_000_123_456_000));
    }
}

//! How a page is read in an order without OFFSET: as stretches of the table, each one range of an index where there is one.
//! A comparison of rows is never true of NULL, so what has no value is a stretch of its own, and comes last both ways.

use chrono::{DateTime, Utc};

use crate::domain::{CursorValue, Failure, FailureKind, RecordCursor, Result, Sort, SortBy};

/// What a row is ordered by, where that is not NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `upload_timestamp`, UTC.
    Date(DateTime<Utc>),
    /// `size_bytes`.
    Size(i64),
    /// `content_type`.
    Type(String),
    /// The key.
    Key(String),
}

/// A row's place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// What the row is ordered by.
    pub value: Value,
    /// Its `id`, by which rows of one value are ordered.
    pub id: i64,
}

/// A part of the order that one statement reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stretch {
    /// All rows.
    All,
    /// All rows that have a value.
    Valued,
    /// Rows with a value that come behind this one.
    Behind(Spot),
    /// Rows without a value, where there is an id those that come behind it.
    Unvalued(Option<i64>),
}

impl Stretch {
    /// Whether every row of it has a value.
    pub fn is_valued(&self, order: Sort) -> bool {
        matches!(self, Self::Valued | Self::Behind(_)) || order.by == SortBy::Name
    }
}

/// What a page reads, one after the other.
///
/// # Errors
/// `Internal` for a cursor of another order.
pub fn stretches(order: Sort, after: Option<&RecordCursor>) -> Result<Vec<Stretch>> {
    let Some(after) = after else { return Ok(whole(order)) };
    let value = match (order.by, &after.value) {
        (SortBy::Date, CursorValue::Date(at)) => at.map(Value::Date),
        (SortBy::Size, CursorValue::Size(size)) => size.map(|size| Value::Size(stored(size))),
        (SortBy::Type, CursorValue::Type(kind)) => kind.clone().map(Value::Type),
        (SortBy::Name, CursorValue::Key(key)) => Some(Value::Key(key.clone())),
        _ => return Err(Failure::new(FailureKind::Internal, "a page was asked for behind a row of another order")),
    };
    Ok(match value {
        Some(value) if order.by == SortBy::Name => vec![Stretch::Behind(Spot { value, id: after.id })],
        Some(value) => vec![Stretch::Behind(Spot { value, id: after.id }), Stretch::Unvalued(None)],
        None => vec![Stretch::Unvalued(Some(after.id))],
    })
}

/// The index by time has NULLs behind the newest's end, so that only oldest first has to be read in two; size and type have
/// no index to consider.
fn whole(order: Sort) -> Vec<Stretch> {
    match order {
        Sort { by: SortBy::Date, reversed: false } => apart(order),
        _ => vec![Stretch::All],
    }
}

/// The whole with what has a value apart, so that every place in it can be told.
pub fn apart(order: Sort) -> Vec<Stretch> {
    if order.by == SortBy::Name { vec![Stretch::All] } else { vec![Stretch::Valued, Stretch::Unvalued(None)] }
}

/// A size as databases keep it.
pub fn stored(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl From<Spot> for RecordCursor {
    fn from(spot: Spot) -> Self {
        let value = match spot.value {
            Value::Date(at) => CursorValue::Date(Some(at)),
            Value::Size(size) => CursorValue::Size(u64::try_from(size).ok()),
            Value::Type(kind) => CursorValue::Type(Some(kind)),
            Value::Key(key) => CursorValue::Key(key),
        };
        Self { value, id: spot.id }
    }
}

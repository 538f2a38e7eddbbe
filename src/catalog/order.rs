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

/// Where a step stops looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edge {
    /// At a row that has a value.
    At(Spot),
    /// At the row of this id, which has no time. Only time both goes by steps and can be missing.
    Undated(i64),
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

    /// Whether a step through it has an edge: its rows are then alike in having a value or none.
    pub fn has_edges(&self, order: Sort) -> bool {
        self.is_valued(order) || matches!((self, order.by), (Self::Unvalued(_), SortBy::Date))
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

/// What a page reads that may have to end anywhere: what has no value is never with what has one, so that its place can be
/// told.
///
/// # Errors
/// `Internal` for a cursor of another order.
pub fn stretches_apart(order: Sort, after: Option<&RecordCursor>) -> Result<Vec<Stretch>> {
    if after.is_none() { Ok(apart(order)) } else { stretches(order, after) }
}

fn apart(order: Sort) -> Vec<Stretch> {
    if order.by == SortBy::Name { vec![Stretch::All] } else { vec![Stretch::Valued, Stretch::Unvalued(None)] }
}

/// A size as databases keep it.
pub fn stored(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl From<Edge> for RecordCursor {
    fn from(edge: Edge) -> Self {
        match edge {
            Edge::At(spot) => spot.into(),
            Edge::Undated(id) => Self { value: CursorValue::Date(None), id },
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Sort = Sort { by: SortBy::Size, reversed: true };

    fn behind(value: CursorValue) -> Option<RecordCursor> {
        Some(RecordCursor { value, id: 7 })
    }

    #[test]
    fn what_has_no_value_comes_behind_what_has_one() {
        let spot = Spot { value: Value::Size(5), id: 7 };
        let after = behind(CursorValue::Size(Some(5)));
        let read = stretches(SIZE, after.as_ref()).unwrap();
        assert_eq!(read, [Stretch::Behind(spot.clone()), Stretch::Unvalued(None)]);
        assert_eq!(RecordCursor::from(spot), after.unwrap(), "and back");
        let after = behind(CursorValue::Size(None));
        assert_eq!(stretches(SIZE, after.as_ref()).unwrap(), [Stretch::Unvalued(Some(7))]);
    }

    #[test]
    fn every_key_has_a_place() {
        let after = behind(CursorValue::Key("k".into()));
        assert_eq!(stretches(Sort::NAME, after.as_ref()).unwrap().len(), 1);
        assert_eq!(stretches_apart(Sort::NAME, None).unwrap(), [Stretch::All]);
        assert!(Stretch::All.is_valued(Sort::NAME) && !Stretch::All.is_valued(SIZE));
    }

    #[test]
    fn only_oldest_first_is_read_in_two_from_its_beginning() {
        let oldest = Sort { by: SortBy::Date, reversed: false };
        assert_eq!(stretches(oldest, None).unwrap(), [Stretch::Valued, Stretch::Unvalued(None)]);
        for order in [Sort::NEWEST, SIZE, Sort { reversed: false, ..SIZE }] {
            assert_eq!(stretches(order, None).unwrap(), [Stretch::All]);
            assert_eq!(stretches_apart(order, None).unwrap().len(), 2);
        }
    }

    #[test]
    fn what_has_no_time_is_gone_through_by_its_ids() {
        let undated = RecordCursor::from(Edge::Undated(7));
        assert_eq!(stretches(Sort::NEWEST, Some(&undated)).unwrap(), [Stretch::Unvalued(Some(7))]);
        let has_edges = |order| [Stretch::Valued, Stretch::Unvalued(Some(7))].map(|stretch| stretch.has_edges(order));
        assert_eq!((has_edges(Sort::NEWEST), has_edges(SIZE)), ([true, true], [true, false]));
        assert!(!Stretch::All.has_edges(Sort::NEWEST) && Stretch::All.has_edges(Sort::NAME));
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        assert!(stretches(Sort::NAME, behind(CursorValue::Size(None)).as_ref()).is_err());
    }
}

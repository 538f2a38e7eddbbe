//! Where a page begins and ends, in SQL. The comparisons are the same in both databases, which write a column and a time in
//! their own ways.

use chrono::{DateTime, Utc};

use super::order::{Edge, Spot, Stretch, Value};
use crate::domain::Sort;

/// A statement that is being written, for one of the databases.
pub trait Statement {
    /// SQL as it stands.
    fn sql(&mut self, sql: &str) -> &mut Self;
    /// A whole number.
    fn number(&mut self, number: i64) -> &mut Self;
    /// Text that is compared, whatever is in it.
    fn text(&mut self, text: &str) -> &mut Self;
    /// A time, as its column has it.
    fn time(&mut self, at: DateTime<Utc>) -> &mut Self;
}

/// An order, and the column that it goes by.
pub struct Ranges {
    /// The order.
    pub order: Sort,
    /// What rows are compared by.
    pub column: String,
}

impl Ranges {
    /// Rows of a stretch.
    pub fn stretch(&self, out: &mut impl Statement, stretch: &Stretch) {
        match stretch {
            Stretch::All => {}
            Stretch::Valued => drop(out.sql(" AND ").sql(&self.column).sql(" IS NOT NULL")),
            Stretch::Behind(spot) => self.compare(out, if self.order.reversed { "<" } else { ">" }, spot),
            Stretch::Unvalued(behind) => {
                out.sql(" AND ").sql(&self.column).sql(" IS NULL");
                if let Some(id) = behind {
                    let behind = if self.order.ids_are_reversed() { " < " } else { " > " };
                    out.sql(" AND r.id").sql(behind).number(*id);
                }
            }
        }
    }

    /// Rows that stand before the edge, or at it.
    pub fn up_to(&self, out: &mut impl Statement, edge: &Edge) {
        let before = if self.order.reversed { ">=" } else { "<=" };
        match edge {
            Edge::At(spot) => self.compare(out, before, spot),
            Edge::Undated(id) => drop(out.sql(" AND r.id ").sql(before).sql(" ").number(*id)),
        }
    }

    fn compare(&self, out: &mut impl Statement, with: &str, spot: &Spot) {
        let column = &self.column;
        match &spot.value {
            // There is one row of each key.
            Value::Key(key) => drop(out.sql(" AND ").sql(column).sql(" ").sql(with).sql(" ").text(key)),
            // Their ids go the other way.
            Value::Type(kind) if self.order.reversed => {
                out.sql(" AND (").sql(column).sql(" < ").text(kind).sql(" OR ").sql(column).sql(" = ").text(kind);
                out.sql(" AND r.id > ").number(spot.id).sql(")");
            }
            value => {
                out.sql(" AND (").sql(column).sql(", r.id) ").sql(with).sql(" (");
                bind(out, value).sql(", ").number(spot.id).sql(")");
            }
        }
    }
}

fn bind<'a, S: Statement>(out: &'a mut S, value: &Value) -> &'a mut S {
    match value {
        Value::Date(at) => out.time(*at),
        Value::Size(size) => out.number(*size),
        Value::Type(text) | Value::Key(text) => out.text(text),
    }
}

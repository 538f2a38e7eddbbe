//! A theme for now, as somebody types it in the palette.

use std::path::Path;

use super::{ThemeFile, load, read};
use crate::domain::{Failure, Result};

/// The theme that somebody asks for while it runs, with what is wrong with it: `auto`, `dark`, `light`, or a path, which is
/// meant as in the settings.
///
/// # Errors
/// `Usage` where there is no such file, or it cannot be read.
pub fn worn(asked: &str, config: &Path, home: Option<&Path>) -> Result<(ThemeFile, Vec<Failure>)> {
    if let "auto" | "dark" | "light" = asked {
        return Ok(load(asked, config));
    }
    let file = match (asked.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => config.parent().unwrap_or(Path::new("")).join(asked),
    };
    let text = crate::config::load::read(&file, true)?;
    Ok(read(&file, text.as_deref().unwrap_or_default()))
}

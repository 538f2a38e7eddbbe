//! Values that begin with a dash, which clap takes for flags: what helps depends on where they stand.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Arguments, takes_next};

/// What to say of a value behind an option, where that is the mistake: clap's own tip, `--`, is of no use there.
pub(super) fn behind_an_option(error: &clap::Error, command: &clap::Command, arguments: &[OsString]) -> Option<String> {
    let wrong = wrong(error)?;
    let takes = |option: &str| takes_next(command, option) || takes_next(&Arguments::command(), option);
    let words = typed(arguments);
    words.windows(2).find_map(|pair| {
        let [option, value] = pair else { return None };
        let is_meant = value.starts_with(wrong) || wrong.starts_with(&format!("{option} "));
        let is_dashed = value.len() > 1 && value.starts_with('-');
        (is_meant && is_dashed && takes(option)).then(|| {
            let joined =
                if option.starts_with("--") { format!("{option}={value}") } else { format!("{option}{value}") };
            format!("{option} has no value: {value} begins as flags do; write {joined}")
        })
    })
}

/// What clap says, with the whole word in its tip: of `-dash` it names only `-d`.
pub(super) fn whole(error: &clap::Error, arguments: &[OsString]) -> String {
    let rendered = error.render().to_string();
    let Some(wrong) = wrong(error).filter(|wrong| !wrong.starts_with("--")) else { return rendered };
    match typed(arguments).into_iter().find(|word| word.starts_with(wrong)) {
        Some(word) => rendered
            .replace(&format!("'{wrong}' as a value"), &format!("'{word}' as a value"))
            .replace(&format!("'-- {wrong}'"), &format!("'-- {word}'")),
        None => rendered,
    }
}

/// The flag that there is not, or the option without a value.
fn wrong(error: &clap::Error) -> Option<&str> {
    match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument | ErrorKind::InvalidValue, Some(ContextValue::String(wrong))) => Some(wrong),
        _ => None,
    }
}

/// What may be flags.
fn typed(arguments: &[OsString]) -> Vec<String> {
    arguments.iter().map(|word| word.to_string_lossy().into_owned()).take_while(|word| word != "--").collect()
}

//! What is no TOML: where it begins, what helps, and how far behind it anything can be believed.

use super::Walker;
use crate::config::syntax;
use crate::domain::Failure;
use crate::domain::display::display;

impl Walker<'_> {
    /// What is no TOML, a sentence a line, and the line from which on nothing is certain: there what follows is taken for a
    /// part of what does not end.
    pub(super) fn no_toml(&self, errors: &[toml::de::Error]) -> (Vec<Failure>, Option<usize>) {
        let mut errors: Vec<(usize, &toml::de::Error)> = errors.iter().map(|error| (place(error), error)).collect();
        errors.sort_by_key(|(at, _)| *at);
        errors.dedup_by_key(|(at, _)| self.line(*at));
        self.leave_out_keys_of_second_tables(&mut errors);
        let endless = errors.iter().position(|(_, error)| syntax::leaves_the_rest_uncertain(error.message()));
        errors.truncate(endless.map_or(errors.len(), |index| index + 1));
        let from = endless.and_then(|index| errors.get(index)).map(|(at, _)| self.begin_of(*at));
        (errors.into_iter().map(|(_, error)| self.syntax(error)).collect(), from)
    }

    /// Of a section that is written twice its head is told: that keys of it are there already follows from that.
    fn leave_out_keys_of_second_tables(&self, errors: &mut Vec<(usize, &toml::de::Error)>) {
        let mut told_until = 0;
        errors.retain(|(at, error)| {
            let is_second = syntax::is_there_already(error.message());
            let is_told = is_second && *at < told_until;
            if is_second && !is_told && self.is_head(*at) {
                told_until = self.next_head(*at);
            }
            !is_told
        });
    }

    /// Whether the place is in a `[section]`.
    fn is_head(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        before.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('['))
    }

    /// Where the next section begins.
    fn next_head(&self, at: usize) -> usize {
        let behind = self.text.get(at..).unwrap_or_default();
        let mut begin = at;
        for line in behind.split_inclusive('\n') {
            if begin > at && line.trim_start().starts_with('[') {
                return begin;
            }
            begin += line.len();
        }
        begin
    }

    /// The line on which that begins in which the place is: the last one before it with a key or a section.
    fn begin_of(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default().split('\n').enumerate();
        let begins = before.filter(|(_, line)| line.contains('=') || line.trim_start().starts_with('['));
        begins.last().map_or(1, |(index, _)| index + 1)
    }

    pub(in crate::config) fn syntax(&self, error: &toml::de::Error) -> Failure {
        let reason = error.message().trim().replace('\n', ", ");
        let at = place(error);
        let failure = self.fault(at, &format!("this is no TOML: {}", display(&reason)));
        let begins = self.begin_of(at);
        let is_below = syntax::leaves_the_rest_uncertain(&reason) && begins < self.line(at);
        let below = if is_below { format!(" (this one begins on line {begins})") } else { String::new() };
        Failure { hint: syntax::hint(&reason).map(|hint| format!("{hint}{below}")), ..failure }
    }

    /// The same with what holds instead of the whole text, if anything does.
    pub(in crate::config) fn syntax_or(&self, error: &toml::de::Error, instead: Option<&str>) -> Failure {
        let failure = self.syntax(error);
        let hint: Vec<&str> = [failure.hint.as_deref(), instead].into_iter().flatten().collect();
        Failure { hint: (!hint.is_empty()).then(|| hint.join("; ")), ..failure }
    }
}

fn place(error: &toml::de::Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::document::parse;

    #[test]
    fn a_section_that_is_written_twice_is_told_by_one_line() {
        let text = "[profiles.a]\nprovider = \"s3\"\nbucket = \"b\"\nregion = \"r\"\n";
        let lines = |text: &str| {
            let failure = parse(Path::new("config.toml"), text).unwrap_err();
            failure.each().map(|wrong| wrong.line).collect::<Vec<_>>()
        };
        assert_eq!(lines(&format!("{text}{text}")), [Some(5)]);
        let twice = "[transfers]\njobs = 1\njobs = 2\n";
        assert_eq!(lines(&format!("{text}{text}{twice}")), [Some(5), Some(11)], "what is behind it is told");
        assert_eq!(lines(&format!("{text}{text}{text}")), [Some(5), Some(9)]);
        assert_eq!(lines(twice), [Some(3)]);
    }
}

//! Letting pages of more origins in, whatever the store: rules are read, one is added, and all are written back. A key that
//! may not is told what to set by hand, and where.

use serde_json::{Map, Value, json};

use super::ObjectStore;
use crate::domain::shell::quoted;
use crate::domain::{CorsGuide, CorsNotation, CorsRule, Failure, FailureKind, Result, cors};

/// What the bucket has once origins are allowed.
pub struct Allowed {
    /// All its rules.
    pub rules: Vec<CorsRule>,
    /// Whether they are others than before: else nothing was written.
    pub is_new: bool,
}

/// Lets pages of these origins read and upload, as the provider's guide has it; answers all rules that the bucket has then.
/// Whoever else changes rules at the same moment may undo it: S3 knows no condition for that.
///
/// # Errors
/// `Usage` for what is no origin; what kept the rules from being read or written. Where another key, or the provider's own
/// page, would not be refused, the hint has what to do there: all rules, or the one to add where none could be read.
pub async fn allow(store: &dyn ObjectStore, origins: &[String]) -> Result<Allowed> {
    let origins = origins.iter().map(|origin| cors::origin(origin)).collect::<Result<Vec<_>>>()?;
    let rule = store.cors_guide().rule(origins);
    let known = match store.cors().await {
        Ok(known) => known,
        Err(failure) if may_be_done_by_hand(&failure) => {
            return Err(failure.hint(to_add(&store.cors_guide(), &rule)));
        }
        Err(failure) => return Err(failure),
    };
    let rules = cors::with_rule(known.clone(), rule);
    let is_new = rules != known;
    if is_new {
        store.set_cors(&rules).await?;
    }
    Ok(Allowed { rules, is_new })
}

/// A refusal that another key or the provider's own page would not meet.
pub fn may_be_done_by_hand(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Denied | FailureKind::Unsupported | FailureKind::Internal)
}

/// Where rules are set by hand, and in which words: these are all that the bucket is to have.
pub fn to_set(guide: &CorsGuide, rules: &[CorsRule]) -> String {
    let CorsGuide { page, notation, .. } = guide;
    let json = notation.write(rules);
    match notation {
        CorsNotation::S3 => format!("use a key that may, or paste at {page}: {json}"),
        CorsNotation::B2 => {
            let json = quoted(&json);
            format!("use a key that may, or set them at {page}, or by: b2 bucket update --cors-rules {json} BUCKET")
        }
    }
}

/// The same for a rule that is to come to others which nobody here could read: whoever sets it alone removes them.
fn to_add(guide: &CorsGuide, rule: &CorsRule) -> String {
    let CorsGuide { page, notation, .. } = guide;
    let json = notation.write(std::slice::from_ref(rule));
    let how = match notation {
        CorsNotation::S3 => "what is pasted there replaces them all",
        CorsNotation::B2 => "b2 bucket get BUCKET shows them, b2 bucket update --cors-rules replaces them all",
    };
    format!("use a key that may, or add this rule to those that are there, at {page} ({how}): {json}")
}

impl CorsNotation {
    fn write(self, rules: &[CorsRule]) -> String {
        let written: Vec<Fields> = match self {
            Self::S3 => rules.iter().map(of_s3).collect(),
            Self::B2 => (1..).zip(rules).map(|(number, rule)| of_b2(number, rule)).collect(),
        };
        let object = |fields: Fields| {
            let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Value::Object(fields.collect::<Map<_, _>>())
        };
        Value::Array(written.into_iter().map(object).collect()).to_string()
    }
}

/// What a rule says, by the names that a notation has for it; `None` is left out.
type Fields = Vec<(&'static str, Option<Value>)>;

fn filled(words: &[String]) -> Option<Value> {
    (!words.is_empty()).then(|| json!(words))
}

/// S3's console and R2's dashboard (S3 user guide, "Elements of a CORS configuration").
fn of_s3(rule: &CorsRule) -> Fields {
    vec![
        ("ID", rule.id.as_ref().map(|id| json!(id))),
        ("AllowedOrigins", Some(json!(rule.origins))),
        ("AllowedMethods", Some(json!(rule.methods))),
        ("AllowedHeaders", filled(&rule.headers)),
        ("ExposeHeaders", filled(&rule.exposed)),
        ("MaxAgeSeconds", rule.max_age.map(|seconds| json!(seconds))),
    ]
}

/// B2's own, where a rule must have a name of its own, of letters, digits and `-`, and a time (B2, "Cross-Origin Resource
/// Sharing Rules").
fn of_b2(number: usize, rule: &CorsRule) -> Fields {
    let name = match (&rule.id, number) {
        (Some(id), _) => id.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"),
        (None, 1) => "windlass".into(),
        (None, _) => format!("windlass-{number}"),
    };
    let operations: Vec<String> =
        rule.methods.iter().map(|method| format!("s3_{}", method.to_ascii_lowercase())).collect();
    vec![
        ("corsRuleName", Some(json!(name))),
        ("allowedOrigins", Some(json!(rule.origins))),
        ("allowedOperations", Some(json!(operations))),
        ("allowedHeaders", filled(&rule.headers)),
        ("exposeHeaders", filled(&rule.exposed)),
        ("maxAgeSeconds", Some(json!(rule.max_age.unwrap_or(3600)))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> CorsRule {
        CorsGuide::S3.rule(vec!["https://a".into()])
    }

    #[test]
    fn what_is_to_be_pasted_is_the_guides_json() {
        assert_eq!(
            CorsNotation::S3.write(&[rule()]),
            r#"[{"AllowedHeaders":["*"],"AllowedMethods":["GET","PUT"],"AllowedOrigins":["https://a"],"MaxAgeSeconds":9000}]"#
        );
        let named = CorsRule { id: Some("theirs".into()), ..rule() };
        assert!(CorsNotation::S3.write(&[named]).contains(r#""ID":"theirs""#));
    }

    #[test]
    fn what_b2s_page_does_not_take_its_command_line_does() {
        let guide = CorsGuide { notation: CorsNotation::B2, page: "the page", ..CorsGuide::S3 };
        assert_eq!(
            to_set(&guide, &[rule()]),
            "use a key that may, or set them at the page, or by: b2 bucket update --cors-rules \
             '[{\"allowedHeaders\":[\"*\"],\"allowedOperations\":[\"s3_get\",\"s3_put\"],\
             \"allowedOrigins\":[\"https://a\"],\"corsRuleName\":\"windlass\",\"maxAgeSeconds\":9000}]' BUCKET"
        );
    }

    #[test]
    fn rules_have_names_of_their_own_in_b2s_notation() {
        let named = CorsRule { id: Some("of terraform".into()), ..rule() };
        let json: Value = serde_json::from_str(&CorsNotation::B2.write(&[rule(), named, rule()])).unwrap();
        let names: Vec<_> =
            json.as_array().unwrap().iter().map(|rule| rule["corsRuleName"].as_str().unwrap()).collect();
        assert_eq!(names, ["windlass", "of-terraform", "windlass-3"]);
    }

    #[test]
    fn what_is_added_to_rules_that_nobody_could_read_is_never_said_to_be_all() {
        let of = |notation| to_add(&CorsGuide { notation, page: "the page", ..CorsGuide::S3 }, &rule());
        for (said, how) in [
            (of(CorsNotation::S3), "what is pasted there replaces them all"),
            (of(CorsNotation::B2), "b2 bucket get BUCKET shows them, b2 bucket update --cors-rules replaces them all"),
        ] {
            let begin =
                format!("use a key that may, or add this rule to those that are there, at the page ({how}): [{{");
            assert!(said.starts_with(&begin), "{said}");
        }
    }
}

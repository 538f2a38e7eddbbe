//! A bucket's CORS rules. A key that may not touch them, or a service that cannot, is answered with where to click and what
//! to paste there.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule as Wire};

use crate::domain::{CorsGuide, CorsRule, Failure, FailureKind, Result};
use crate::storage::cors::{may_be_done_by_hand, to_set};

use super::S3Store;
use super::client::summed;
use super::errors::{self, Doing};

impl S3Store {
    pub(super) async fn read_cors(&self) -> Result<Vec<CorsRule>> {
        let read = self
            .call(Doing::bucket("read the CORS rules of"), |client, bucket| {
                let answer = client.get_bucket_cors().bucket(bucket).send();
                async {
                    match answer.await {
                        Err(error) if has_none(&error) => Ok(Vec::new()),
                        answer => answer.map(|output| output.cors_rules.unwrap_or_default()),
                    }
                }
            })
            .await;
        let rules = read.map_err(|failure| self.elsewhere(failure, None))?;
        Ok(rules.into_iter().map(read_rule).collect())
    }

    pub(super) async fn write_cors(&self, rules: &[CorsRule]) -> Result<()> {
        let written = match rules {
            // A service that knows no CORS rules takes this for the removal of the bucket itself (`rclone serve s3` does): it
            // has to have shown some.
            [] if self.has_no_rules().await? => Ok(()),
            [] => self.remove_cors().await,
            rules => self.put_cors(rules).await,
        };
        written.map_err(|failure| self.elsewhere(failure, Some(rules)))
    }

    async fn has_no_rules(&self) -> Result<bool> {
        let rules = self.read_cors().await.map_err(|failure| self.elsewhere(failure, Some(&[])))?;
        Ok(rules.is_empty())
    }

    async fn put_cors(&self, rules: &[CorsRule]) -> Result<()> {
        let wire = rules.iter().map(wire_rule).collect::<Result<Vec<_>>>()?;
        let all = CorsConfiguration::builder().set_cors_rules(Some(wire)).build().map_err(unbuilt)?;
        let quirks = self.at().place.quirks;
        self.call(Doing::bucket("set the CORS rules of"), |client, bucket| {
            let request = client.put_bucket_cors().bucket(bucket).cors_configuration(all.clone());
            request.customize().config_override(summed(&quirks)).send()
        })
        .await
        .map(drop)
    }

    async fn remove_cors(&self) -> Result<()> {
        self.call(Doing::bucket("remove the CORS rules of"), |client, bucket| {
            client.delete_bucket_cors().bucket(bucket).send()
        })
        .await
        .map(drop)
    }

    pub(super) fn guide(&self) -> CorsGuide {
        self.at().place.quirks.cors_guide
    }

    /// A refusal that another key or the provider's own page would not meet.
    fn elsewhere(&self, failure: Failure, rules: Option<&[CorsRule]>) -> Failure {
        if !may_be_done_by_hand(&failure) {
            return failure;
        }
        let guide = self.guide();
        match rules {
            None => failure.hint(format!("use a key that may, or look at {}", guide.page)),
            Some([]) => failure.hint(format!("use a key that may, or remove them at {}", guide.page)),
            Some(rules) => failure.hint(to_set(&guide, rules)),
        }
    }
}

fn has_none<E>(error: &aws_sdk_s3::error::SdkError<E, aws_sdk_s3::config::http::HttpResponse>) -> bool
where
    E: aws_sdk_s3::error::ProvideErrorMetadata,
{
    errors::answer(error).is_some_and(|answer| answer.code.as_deref() == Some("NoSuchCORSConfiguration"))
}

fn read_rule(rule: Wire) -> CorsRule {
    CorsRule {
        id: rule.id,
        origins: rule.allowed_origins,
        methods: rule.allowed_methods,
        headers: rule.allowed_headers.unwrap_or_default(),
        exposed: rule.expose_headers.unwrap_or_default(),
        max_age: rule.max_age_seconds.and_then(|seconds| u32::try_from(seconds).ok()),
    }
}

fn wire_rule(rule: &CorsRule) -> Result<Wire> {
    let filled = |words: &Vec<String>| (!words.is_empty()).then(|| words.clone());
    Wire::builder()
        .set_id(rule.id.clone())
        .set_allowed_origins(Some(rule.origins.clone()))
        .set_allowed_methods(Some(rule.methods.clone()))
        .set_allowed_headers(filled(&rule.headers))
        .set_expose_headers(filled(&rule.exposed))
        .set_max_age_seconds(rule.max_age.and_then(|seconds| i32::try_from(seconds).ok()))
        .build()
        .map_err(unbuilt)
}

fn unbuilt(error: aws_sdk_s3::error::BuildError) -> Failure {
    Failure::new(FailureKind::Internal, format!("the CORS rules could not be written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_back_as_it_went() {
        let rule = CorsRule { exposed: vec!["ETag".into()], ..CorsGuide::S3.rule(vec!["https://a".into()]) };
        assert_eq!(read_rule(wire_rule(&rule).unwrap()), rule);
        let bare = CorsRule { headers: Vec::new(), max_age: None, ..rule };
        assert_eq!(read_rule(wire_rule(&bare).unwrap()), bare);
    }

    #[test]
    fn nothing_of_a_rule_on_the_wire_is_lost() {
        let wire = Wire::builder()
            .id("of terraform")
            .allowed_origins("https://a")
            .allowed_methods("GET")
            .allowed_headers("x-*")
            .expose_headers("ETag")
            .max_age_seconds(60)
            .build()
            .unwrap();
        assert_eq!(wire_rule(&read_rule(wire.clone())).unwrap(), wire);
    }
}

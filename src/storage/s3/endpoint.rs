//! Where requests go. The SDK works it out anew for every key, though it depends on the bucket alone; with thousands of
//! small files that is a twentieth of the client's time.

use std::sync::OnceLock;

use aws_sdk_s3::config::endpoint::{DefaultResolver, Endpoint, EndpointFuture, Params, ResolveEndpoint};

/// The SDK's own rules, asked once.
#[derive(Debug, Default)]
pub struct OneEndpoint {
    rules: DefaultResolver,
    known: OnceLock<(Params, Endpoint)>,
}

impl ResolveEndpoint for OneEndpoint {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        match self.known.get() {
            Some((asked, endpoint)) if same_place(asked, params) => EndpointFuture::ready(Ok(endpoint.clone())),
            _ => EndpointFuture::new(async move {
                let endpoint = ResolveEndpoint::resolve_endpoint(&self.rules, params).await?;
                // Whoever was first is kept; the answers are the same.
                let _known_already = self.known.set((params.clone(), endpoint.clone()));
                Ok(endpoint)
            }),
        }
    }
}

/// Everything by which one client's requests can go to different places; keys and prefixes are no part of it
/// (S3's endpoint rules, `endpoint-rule-set.json` of the SDK's model).
fn same_place(one: &Params, other: &Params) -> bool {
    one.bucket() == other.bucket()
        && one.region() == other.region()
        && one.endpoint() == other.endpoint()
        && one.force_path_style() == other.force_path_style()
        && one.copy_source() == other.copy_source()
        && one.disable_access_points() == other.disable_access_points()
        && one.use_s3_express_control_endpoint() == other.use_s3_express_control_endpoint()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(bucket: &str, key: &str) -> Params {
        let params = Params::builder().bucket(bucket).key(key).region("us-east-1").force_path_style(true);
        params.endpoint("http://127.0.0.1:9").build().unwrap()
    }

    #[tokio::test]
    async fn keys_share_an_endpoint_and_buckets_do_not() {
        let one = OneEndpoint::default();
        let url = async |bucket, key| one.resolve_endpoint(&params(bucket, key)).await.unwrap().url().to_owned();
        let rules = DefaultResolver::new();
        for (bucket, key) in [("pics", "a"), ("pics", "b/c"), ("docs", "a"), ("pics", "d")] {
            let asked = params(bucket, key);
            let expected = ResolveEndpoint::resolve_endpoint(&rules, &asked).await.unwrap();
            assert_eq!(url(bucket, key).await, expected.url(), "{bucket}/{key}");
        }
    }
}

//! Plain HTTP for what is no S3: the same connections, trust and patience as the S3 client's, which uses them too. An answer
//! is taken as it comes; what it means is the caller's.

pub mod body;
mod connections;
mod patience;
mod trouble;
mod trust;

use std::path::Path;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::{Bytes, BytesMut};

use crate::config::FieldNames;
use crate::domain::{Failure, FailureKind, Result};
use crate::storage::Sent;

use body::Counted;
pub use connections::{Connections, Target, is_loopback};
pub use patience::Patience;
pub use trouble::{Fault, Trouble};

/// Makes requests.
#[derive(Debug, Clone)]
pub struct Http {
    connections: Connections,
    patience: Patience,
}

/// One request.
#[derive(Clone)]
pub struct Ask<'a> {
    /// `GET`, `PUT`, …
    pub method: &'a str,
    /// The whole URL.
    pub url: &'a str,
    /// Names and values, besides those that HTTP itself needs.
    pub headers: Vec<(&'static str, String)>,
    /// What goes up.
    pub body: Body<'a>,
    /// How long the answer may take where nothing is counted; `None` is as long as any answer.
    pub wait: Option<Duration>,
}

/// What a request carries.
#[derive(Clone)]
pub enum Body<'a> {
    /// These bytes, of which nobody counts any.
    Plain(Bytes),
    /// Bytes that are counted as they go, between two pieces that are not.
    Counted {
        /// What goes before them.
        head: Bytes,
        /// The bytes.
        bytes: Bytes,
        /// What goes behind them.
        tail: Bytes,
        /// The count.
        sent: &'a Sent,
    },
}

/// An answer, whatever its status.
pub struct Answer(HttpResponse);

impl Http {
    /// Reads the own certificate authority, if there is one, and nothing else.
    ///
    /// # Errors
    /// `Usage` where `ca_file` cannot be read or holds no certificate.
    pub fn new(ca_file: Option<&Path>, patience: Patience, target: Target) -> Result<Self> {
        Ok(Self { connections: Connections::new(ca_file, &patience, target)?, patience })
    }

    /// Over connections that somebody else uses, too.
    pub fn over(connections: Connections, patience: Patience) -> Self {
        Self { connections, patience }
    }

    /// How long it waits for what.
    pub fn patience(&self) -> &Patience {
        &self.patience
    }

    /// Makes a request once. Its count stands only where the answer is a success.
    ///
    /// # Errors
    /// What kept the answer away; `Unanswered` where the server may have had all of the request.
    pub async fn send(&self, ask: &Ask<'_>) -> Result<Answer, Trouble> {
        self.connections.warm().await;
        match &ask.body {
            Body::Plain(bytes) => {
                let counted = Counted::new(&Sent::default());
                let answer = self.call(ask, counted.body(bytes.clone()).into_inner());
                let wait = ask.wait.unwrap_or(self.patience.answer);
                let answer = tokio::time::timeout(wait, answer).await.unwrap_or(Err(Trouble::TimedOut));
                answer.map_err(|trouble| counted.known(trouble))
            }
            Body::Counted { head, bytes, tail, sent } => {
                let counted = Counted::new(sent);
                let body = counted.body_within(head.clone(), bytes.clone(), tail.clone()).into_inner();
                let answer = counted.watch(self.patience.stall, self.call(ask, body)).await;
                let answer = answer.unwrap_or(Err(Trouble::TimedOut)).map_err(|trouble| counted.known(trouble))?;
                if answer.is_success() {
                    counted.keep();
                }
                Ok(answer)
            }
        }
    }

    async fn call(&self, ask: &Ask<'_>, body: SdkBody) -> Result<Answer, Trouble> {
        let request = request(ask, body).ok_or(Trouble::Unsendable)?;
        match self.connections.connector().call(request).await {
            Ok(answer) => Ok(Answer(answer)),
            Err(error) => Err(Trouble::of(&error)),
        }
    }
}

/// `None` where the URL or a header's value is none.
fn request(ask: &Ask<'_>, body: SdkBody) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(body);
    request.set_method(ask.method).ok()?;
    request.set_uri(ask.url).ok()?;
    for (name, value) in &ask.headers {
        request.headers_mut().try_insert(*name, value.clone()).ok()?;
    }
    Some(request)
}

impl Answer {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// 2xx.
    pub fn is_success(&self) -> bool {
        self.0.status().is_success()
    }

    /// A header's value, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)
    }

    /// How long the server asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header("retry-after"))
    }

    /// The body as it comes.
    pub fn into_stream(self) -> ByteStream {
        ByteStream::new(self.0.into_body())
    }

    /// The whole body, of which no more than `most` bytes are kept; without a byte for `stall` it is given up.
    ///
    /// # Errors
    /// What cut it off.
    pub async fn into_bytes(self, most: usize, stall: Duration) -> Result<Bytes, Trouble> {
        let mut body = self.into_stream();
        let mut whole = BytesMut::new();
        loop {
            let next = tokio::time::timeout(stall, body.next()).await.map_err(|_elapsed| Trouble::TimedOut)?;
            let bytes = match next {
                Some(bytes) if whole.len() < most => bytes.map_err(|error| Trouble::of(&error))?,
                _ => return Ok(whole.freeze()),
            };
            whole.extend_from_slice(&bytes[..bytes.len().min(most - whole.len())]);
        }
    }
}

/// No answer at all, as a sentence that names the host.
pub fn offline(host: &str, trouble: &Trouble) -> Failure {
    let (what, hint) = match trouble {
        Trouble::Unanswered(trouble) => return offline(host, trouble),
        Trouble::UnknownHost => {
            let what = format!("the host of {host} is not known");
            return Failure::new(FailureKind::Offline, what).hint(unknown_host(&FieldNames::Keys));
        }
        Trouble::Refused => {
            (format!("{host} refused the connection"), "check the port in the endpoint, and whether the server runs")
        }
        Trouble::Unreachable => (format!("{host} cannot be reached"), "check this machine's network"),
        Trouble::Certificate(fault, why) => {
            (format!("the certificate of {host} cannot be trusted ({why})"), remedy(*fault))
        }
        Trouble::Tls(why) => {
            (format!("TLS with {host} failed ({why})"), "check that the endpoint speaks TLS (https) at this port")
        }
        Trouble::NotHttp => (
            format!("what answers at {host} does not speak HTTP"),
            "check the port in the endpoint, and whether it begins with https or http",
        ),
        Trouble::TimedOut => (format!("{host} did not answer in time"), "check this machine's network, then retry"),
        Trouble::Unsendable => (format!("the request to {host} is malformed"), "check the URLs in the profile"),
        Trouble::Cut => (format!("the connection to {host} was cut"), "retry; if it happens again, check the network"),
    };
    Failure::new(FailureKind::Offline, what).hint(hint)
}

/// What to do where the endpoint's host is not known.
pub fn unknown_host(names: &FieldNames) -> String {
    format!("check {}, and whether this machine is online", names.list(&["endpoint"]))
}

fn remedy(fault: Fault) -> &'static str {
    match fault {
        Fault::Name => "check the host in the endpoint; the certificate is another host's",
        Fault::Time => "check this machine's clock; else the server's certificate must be renewed",
        Fault::Authority => "if the server has its own certificate authority, name its file as ca_file in the profile",
    }
}

/// `Retry-After` in seconds or as an HTTP date (RFC 9110, section 10.2.3).
pub fn retry_after(header: Option<&str>) -> Option<Duration> {
    let text = header?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some((date.to_utc() - chrono::Utc::now()).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(Some("2")), Some(Duration::from_secs(2)));
        assert_eq!(retry_after(Some("Fri, 01 Jan 2010 00:00:00 GMT")), Some(Duration::ZERO));
        assert!(retry_after(Some("Fri, 01 Jan 2100 00:00:00 GMT")).is_some());
        assert_eq!(retry_after(Some("soon")), None);
        assert_eq!(retry_after(None), None);
    }
}

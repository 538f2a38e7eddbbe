//! Connections: TLS with the trusted certificates, an own certificate authority, the proxy of the environment. Certificates
//! are read at the first request and away from the event loop, because opening a store must cost nothing.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider as TlsProvider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::domain::Result;

use super::{Patience, trust};

/// What kind of server is talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// By TLS, so that the system's certificates are needed.
    pub encrypted: bool,
    /// This machine, so that no proxy stands in between.
    pub loopback: bool,
}

impl Target {
    /// Of a URL.
    pub fn of(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        Self { encrypted: !scheme.eq_ignore_ascii_case("http"), loopback: is_loopback(without_port(authority)) }
    }

    /// One that suits both.
    pub fn and(self, other: Self) -> Self {
        Self { encrypted: self.encrypted || other.encrypted, loopback: self.loopback && other.loopback }
    }
}

/// Whether a host's name is this machine's; an IPv6 address in its brackets.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host == "[::1]" || host.ends_with(".localhost")
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Connections, made when the first request needs them and shared by every client of a store.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Lazy>);

#[derive(Debug)]
struct Lazy {
    connector: OnceLock<SharedHttpConnector>,
    connect: Duration,
    trust: TrustStore,
    proxied: bool,
}

impl Connections {
    /// Reads the own certificate authority, if there is one, and nothing else.
    ///
    /// # Errors
    /// `Usage` where `ca_file` cannot be read or holds no certificate.
    pub fn new(ca_file: Option<&Path>, patience: &Patience, target: Target) -> Result<Self> {
        let mut store = TrustStore::empty().with_native_roots(target.encrypted);
        if let Some(path) = ca_file {
            store.add_pem_certificate(trust::read(path)?);
        }
        Ok(Self(Arc::new(Lazy {
            connector: OnceLock::new(),
            connect: patience.connect,
            trust: store,
            proxied: !target.loopback,
        })))
    }

    /// Reads the system's certificates now, off the event loop.
    pub async fn warm(&self) {
        if self.0.connector.get().is_some() {
            return;
        }
        let lazy = self.0.clone();
        // A panic or a shutdown in there leaves the work to the first request, which does it again.
        let _ = tokio::task::spawn_blocking(move || {
            lazy.connector();
        })
        .await;
    }
}

impl Connections {
    /// What makes requests; built now where it is not yet.
    pub fn connector(&self) -> SharedHttpConnector {
        self.0.connector()
    }
}

impl HttpClient for Connections {
    fn http_connector(&self, _settings: &HttpConnectorSettings, _parts: &RuntimeComponents) -> SharedHttpConnector {
        self.0.connector()
    }
}

impl Lazy {
    fn connector(&self) -> SharedHttpConnector {
        self.connector.get_or_init(|| self.build()).clone()
    }

    fn build(&self) -> SharedHttpConnector {
        let proxy = if self.proxied { ProxyConfig::from_env() } else { ProxyConfig::disabled() };
        let context = TlsContext::builder().with_trust_store(self.trust.clone()).build().unwrap_or_default();
        let settings = HttpConnectorSettings::builder().connect_timeout(self.connect).build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .proxy_config(proxy)
            .tls_provider(TlsProvider::Rustls(CryptoMode::AwsLc))
            .tls_context(context)
            .build();
        SharedHttpConnector::new(connector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_tells_whether_certificates_and_a_proxy_matter() {
        let target = |url| (Target::of(url).encrypted, Target::of(url).loopback);
        assert_eq!(target("https://api.uploadcare.com"), (true, false));
        assert_eq!(target("http://127.0.0.1:8080/x"), (false, true));
        assert_eq!(target("https://[::1]:443"), (true, true));
        assert_eq!(target("http://localhost"), (false, true));
    }
}

//! A certificate authority of our own, and a server certificate for `localhost` that it signed: TLS is tested with real
//! handshakes, and an untrusted certificate is one that simply comes from another authority.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority with one server certificate.
pub struct Tls {
    authority: String,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    server: (String, String),
}

impl Tls {
    /// A new authority, and a certificate for `localhost` and 127.0.0.1.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // Names differ as real authorities' do: one of the same name with another key is another failure.
        params.distinguished_name.push(DnType::CommonName, uuid::Uuid::new_v4().to_string());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(["localhost".into(), "127.0.0.1".into()]).unwrap();
        let server = server.signed_by(&key, &authority).unwrap();
        Self {
            authority: authority.pem(),
            chain: vec![server.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            server: (server.pem(), key.serialize_pem()),
        }
    }

    /// Writes the authority's certificate into a folder, for `ca_file`.
    pub fn ca_file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("ca.pem");
        std::fs::write(&path, &self.authority).unwrap();
        path
    }

    /// The server's certificate and its key, both PEM.
    pub fn pem(&self) -> (String, String) {
        (self.server.0.clone(), self.server.1.clone())
    }

    /// What makes a server's connections encrypted.
    pub fn acceptor(&self) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A front that ends TLS before a server that knows none: what it decrypts goes on as it came.
pub struct Front {
    /// Its port on 127.0.0.1.
    pub port: u16,
    serving: tokio::task::JoinHandle<()>,
}

impl Front {
    /// In front of `HOST:PORT`.
    pub async fn start(tls: &Tls, server: &str) -> Self {
        let (acceptor, server) = (tls.acceptor(), server.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, server) = (acceptor.clone(), server.clone());
                tokio::spawn(async move {
                    // A client that goes away, or trusts another authority, is no failure of the front.
                    let Ok(mut client) = acceptor.accept(stream).await else { return };
                    let Ok(mut server) = TcpStream::connect(server).await else { return };
                    let _ended = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { port, serving }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

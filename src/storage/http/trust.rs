//! The own certificate authority of a profile (`ca_file`). It is parsed before it is handed to the HTTP library, which
//! panics over a certificate that it cannot read.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::domain::display::display_path;
use crate::domain::{Failure, FailureKind, Result};

/// The file's PEM, known to hold certificates and only such as can be trusted.
///
/// # Errors
/// `Usage` where it cannot be read or is something else.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let pem = std::fs::read(path)
        .map_err(|error| Failure { kind: FailureKind::Usage, ..Failure::io("read ca_file", path, &error) })?;
    check(&pem).map_err(|why| {
        Failure::new(FailureKind::Usage, format!("the ca_file {} {why}", display_path(path)))
            .hint("it must hold certificates in PEM form")
    })?;
    Ok(pem)
}

fn check(pem: &[u8]) -> Result<(), &'static str> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| "holds a broken certificate")?;
        roots.add(certificate).map_err(|_| "holds a certificate that cannot be trusted")?;
    }
    if roots.is_empty() { Err("holds no certificate") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_told_apart() {
        assert_eq!(check(b"hello"), Err("holds no certificate"));
        let cut = b"-----BEGIN CERTIFICATE-----\nAAAA\n";
        assert!(check(cut).is_err());
        let empty = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(check(empty), Err("holds a certificate that cannot be trusted"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let failure = read(Path::new("/nowhere/ca.pem")).unwrap_err();
        assert_eq!(failure.sentence(), "cannot read ca_file /nowhere/ca.pem: no such file or directory");
        assert_eq!(failure.kind, FailureKind::Usage);
    }
}

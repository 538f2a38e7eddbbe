//! `windlass local serve`: gives the bucket that comes with Windlass to any other S3 client, until it is stopped.

use std::net::SocketAddr;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::output::Line;
use crate::domain::{Failure, FailureKind, Result};

/// What to do with the local bucket.
#[derive(Debug, Args)]
pub struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve it over the S3 API until Ctrl-C; prints where, and the credentials
    Serve {
        /// Where to listen instead of the remembered port of 127.0.0.1
        #[arg(long, value_name = "HOST:PORT")]
        addr: Option<SocketAddr>,
    },
}

/// Serves.
pub async fn run(flags: Flags, context: &mut Context) -> Result<Exit> {
    let Command::Serve { addr } = flags.command;
    let _ = (addr, context);
    Err(Failure::new(FailureKind::Internal, "the local bucket is not built yet"))
}

/// What another S3 client needs to know.
#[derive(Serialize)]
struct Served {
    endpoint: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
    bucket: String,
}

impl Line for Served {
    fn text(&self) -> Option<String> {
        Some(format!(
            "endpoint           {}\nregion             {}\naccess_key_id      {}\nsecret_access_key  {}\nbucket             {}",
            self.endpoint, self.region, self.access_key_id, self.secret_access_key, self.bucket
        ))
    }
}

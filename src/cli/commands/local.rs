//! `windlass local serve`: gives the bucket that comes with Windlass to any other S3 client, until it is stopped.

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
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

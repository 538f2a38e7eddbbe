//! `windlass completions SHELL`: what makes a shell complete commands, flags and their values.

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::aot;

use crate::cli::args::Arguments;

/// Flags of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Write what it prints to
  bash  ~/.local/share/bash-completion/completions/windlass
  zsh   ~/.zfunc/_windlass; ~/.zshrc has fpath=(~/.zfunc $fpath) before compinit
  fish  ~/.config/fish/completions/windlass.fish")]
pub struct Flags {
    /// The shell
    shell: Shell,
}

/// The shells that there are completions for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The shell's script.
pub fn script(flags: &Flags) -> Vec<u8> {
    let shell = match flags.shell {
        Shell::Bash => aot::Shell::Bash,
        Shell::Zsh => aot::Shell::Zsh,
        Shell::Fish => aot::Shell::Fish,
    };
    let mut script = Vec::new();
    aot::generate(shell, &mut Arguments::command(), "windlass", &mut script);
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_knows_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = String::from_utf8(script(&Flags { shell })).unwrap();
            for command in Arguments::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell:?} {}", command.get_name());
            }
        }
    }
}

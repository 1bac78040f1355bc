//! `kontor`: the trading house in one program.

fn main() -> std::process::ExitCode {
    kontor::cli::main()
}

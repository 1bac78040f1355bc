//! `kontor`: the trading house in one program.

/// Gives memory back to the system after a burst, whichever threads it was asked for by.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    kontor::cli::main()
}

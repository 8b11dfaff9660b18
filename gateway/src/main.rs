//! The program `motlan`: everything it does is in [`motlan_gateway::cli`].

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    motlan_gateway::cli::main()
}

//! The binary: hands the command line to the front end and returns its exit code.
//! Knows nothing else.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    stepwell::cli::main()
}

//! The binary: hands the command line to the front end and returns its exit code.
//! Knows nothing else.

fn main() -> std::process::ExitCode {
    stepwell::cli::main()
}

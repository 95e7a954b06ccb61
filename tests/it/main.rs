//! The one binary of integration tests; each module is a kind of test. It knows no test itself.

mod cache;
mod cli;
mod compile;
mod contract;
mod edge;
mod examples;
mod hosts;
mod invalid;
mod oracle;
mod posix;
mod readme;
mod tekton;
mod tidy;
mod userland;

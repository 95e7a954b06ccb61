//! Tests of the sandbox: what a guest can do, and what it cannot, tried as attacks.
//!
//! [`guest`] calls the functions of WASI as a guest would, without WebAssembly in between;
//! [`steps`] runs whole modules through a session.

mod apart;
mod beside;
mod bounds;
mod calls;
mod code;
mod component;
mod component_calls;
mod escape;
mod guest;
mod limits;
mod oracle;
mod overlays;
mod paths;
mod random;
mod read_only;
mod run;
mod special;
mod steps;
mod world;

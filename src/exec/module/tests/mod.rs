//! Tests of the sandbox: what a guest can do, and what it cannot, tried as attacks.
//!
//! [`guest`] calls the functions of WASI as a guest would, without WebAssembly in between;
//! [`steps`] runs whole modules through a session. What a fuzzer drives (`fuzz/`) is built for it too.

pub mod any_calls;
pub mod any_component;
pub mod any_paths;
mod bytes;
mod guest;

#[cfg(test)]
mod apart;
#[cfg(test)]
mod beside;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod code;
#[cfg(test)]
mod component;
#[cfg(test)]
mod component_calls;
#[cfg(test)]
mod escape;
#[cfg(test)]
mod family;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod overlays;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod random;
#[cfg(test)]
mod read_only;
#[cfg(test)]
mod run;
#[cfg(test)]
mod special;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod world;

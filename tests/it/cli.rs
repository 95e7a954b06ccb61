//! The built binary as a user meets it: commands, exit codes, what is printed where. Every test has a place of its
//! own with its state, cache and home. Knows nothing of the library behind it.

mod artifacts;
mod cache;
mod credentials;
mod denied;
mod floods;
mod images;
mod input;
mod known;
mod languages;
mod pipes;
pub(crate) mod place;
mod pod;
mod runs;
mod screens;
mod scripts;
mod secrets;

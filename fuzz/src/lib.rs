//! The pure floors that fuzz targets drive, included by path from the root package. It knows
//! nothing of its own.

#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/spec/mod.rs"]
pub mod spec;

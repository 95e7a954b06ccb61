//! Looks into a module without running it.
//!
//! Knows where a module named on the command line lies. Does not know WebAssembly.

use super::App;
use super::error::AppError;
use super::run::Resolver;
use crate::exec::module::ModuleResolver;

pub use crate::exec::module::ModuleInfo;

impl App {
    /// What the module `image` (a path, or `builtin:NAME`) is, imports and may ask for.
    ///
    /// # Errors
    /// No such module, or a file that is no module: usage.
    pub fn inspect(&self, image: &str) -> Result<ModuleInfo, AppError> {
        let named = if image.starts_with("builtin:") || image.starts_with("file:") {
            image.to_owned()
        } else {
            format!("file:{image}")
        };
        let images = self.images_of(vec![self.options.working_dir.clone()], Vec::new());
        let usage = |why: String| AppError::usage(why, "name a .wasm file or builtin:NAME");
        let source = Resolver(images).resolve(0, &named).map_err(usage)?;
        self.host()?.inspect(&source).map_err(|why| usage(format!("{image}: {why}")))
    }
}

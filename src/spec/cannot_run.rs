//! wip
use super::*;
pub(super) fn cannot_run(_: &ObjectSet, _: &RunObject, _: &dyn Fn(&str, u32) -> Result<(), String>) -> Diagnostics {
    Diagnostics::default()
}

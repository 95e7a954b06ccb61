//! wip
use super::*;
pub(super) fn warnings(_: &ObjectSet, _: &mut Diagnostics) {}

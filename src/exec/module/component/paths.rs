//! Calls of components that name files: what `wasi:filesystem` asks of a directory.
//!
//! Knows WIT's flags. Does not know how a path is walked.

use super::files::{Answer, Descriptor, SharedFile, descriptor_stat, synced};
use super::wasi::filesystem::types::{DescriptorFlags, DescriptorStat, OpenFlags, PathFlags};
use crate::exec::module::fs::backend::Device;
use crate::exec::module::fs::backend::{OpenHow, SetTime};
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::ident::Seen;
use crate::exec::module::fs::{OpenRequest, OpenedAt};
use crate::exec::module::preview1::handles::DirHandle;
use crate::exec::module::state::StepState;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable};

/// A directory that a guest holds.
pub(super) fn dir<'t>(table: &'t ResourceTable, handle: &Resource<Descriptor>) -> Answer<&'t DirHandle> {
    match table.get(handle)? {
        Descriptor::Dir { dir, .. } => Ok(dir),
        Descriptor::File(_) | Descriptor::Device(..) => Err(Errno::NotDir.into()),
    }
}

fn follows(flags: PathFlags) -> bool {
    flags.contains(PathFlags::SYMLINK_FOLLOW)
}

/// What a guest asks for, from WIT's flags.
fn request(open: OpenFlags, flags: DescriptorFlags) -> Result<OpenRequest, Errno> {
    let (create, directory) = (open.contains(OpenFlags::CREATE), open.contains(OpenFlags::DIRECTORY));
    if create && directory {
        return Err(Errno::Invalid);
    }
    // A directory is never written to as a file; programs that ask for every right mean what
    // a directory has.
    let write = flags.contains(DescriptorFlags::WRITE) && !directory;
    Ok(OpenRequest {
        how: OpenHow {
            read: flags.contains(DescriptorFlags::READ) || !write,
            write,
            append: false,
            truncate: open.contains(OpenFlags::TRUNCATE),
            sync: (flags & synced()) != DescriptorFlags::empty(),
        },
        create,
        exclusive: open.contains(OpenFlags::EXCLUSIVE),
        directory,
    })
}

impl StepState {
    pub(super) fn open_path(
        &mut self,
        base: &Resource<Descriptor>,
        lookup: PathFlags,
        path: &str,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> Answer<Resource<Descriptor>> {
        let request = request(open, flags)?;
        let token = self.open_token()?;
        let base = dir(&self.component.table, base)?;
        let opened = self.fs.open(base.base(), path, follows(lookup), request)?;
        let descriptor = match opened {
            OpenedAt::File(file) => {
                Descriptor::File(Arc::new(SharedFile { file, how: request.how, flags, open: token }))
            }
            OpenedAt::Dir(path) => Descriptor::Dir {
                dir: DirHandle { path, preopen: None, open_above: false, listing: None },
                open: token,
            },
            OpenedAt::Device(device) => Descriptor::Device(device, request.how),
            OpenedAt::Handle(0) => Descriptor::Device(Device::Stdin, request.how),
            OpenedAt::Handle(1) => Descriptor::Device(Device::Stdout, request.how),
            OpenedAt::Handle(2) => Descriptor::Device(Device::Stderr, request.how),
            // Handles with numbers are core modules' own, and so is waiting in an open.
            OpenedAt::Handle(_) => return Err(Errno::NoEntry.into()),
            OpenedAt::Fifo(_) => return Err(Errno::NotSupported.into()),
        };
        Ok(self.component.table.push(descriptor)?)
    }

    pub(super) fn see_path(&self, base: &Resource<Descriptor>, lookup: PathFlags, path: &str) -> Answer<Seen> {
        let base = dir(&self.component.table, base)?;
        Ok(self.fs.stat(base.base(), path, follows(lookup))?)
    }

    pub(super) fn stat_path(
        &self,
        base: &Resource<Descriptor>,
        lookup: PathFlags,
        path: &str,
    ) -> Answer<DescriptorStat> {
        Ok(descriptor_stat(&self.see_path(base, lookup, path)?))
    }

    pub(super) fn set_path_times(
        &mut self,
        base: &Resource<Descriptor>,
        lookup: PathFlags,
        path: &str,
        (accessed, modified): (SetTime, SetTime),
    ) -> Answer<()> {
        let base = dir(&self.component.table, base)?;
        self.fs.set_times(base.base(), path, follows(lookup), accessed, modified)
    }

    pub(super) fn link_path(
        &mut self,
        (from, lookup, old): (&Resource<Descriptor>, PathFlags, &str),
        (to, new): (&Resource<Descriptor>, &str),
    ) -> Answer<()> {
        let (from, to) = (dir(&self.component.table, from)?, dir(&self.component.table, to)?);
        self.fs.link((from.base(), old), follows(lookup), (to.base(), new))
    }

    pub(super) fn rename_path(
        &mut self,
        (from, old): (&Resource<Descriptor>, &str),
        (to, new): (&Resource<Descriptor>, &str),
    ) -> Result<(), Stop> {
        let table = &mut self.component.table;
        let (from, to) = (dir(table, from)?, dir(table, to)?);
        let (from, to) = self.fs.rename((from.base(), old), (to.base(), new))?;
        for entry in table.iter_mut() {
            if let Some(Descriptor::Dir { dir, .. }) = entry.downcast_mut() {
                dir.renamed(&from, &to);
            }
        }
        Ok(())
    }
}

//! The devices under `/dev`: names that open to something of ours, or to what a handle of the guest stands for.
//!
//! Knows their names. Does not know what reading or writing them does, or which handles a guest has: `fd` lists none
//! of them.

use super::backend::{Age, Backend, Device, Identity, Kind, Listed, OpenHow, Opened, Stat};
use super::errno::Errno;

/// What stands in `/dev`. `tty` is there for programs that look for it; like a process without a
/// terminal, a step cannot open it.
const DEVICES: [(&str, Option<Device>); 9] = [
    ("full", Some(Device::Full)),
    ("null", Some(Device::Null)),
    ("random", Some(Device::Random)),
    ("stderr", None),
    ("stdin", None),
    ("stdout", None),
    ("tty", None),
    ("urandom", Some(Device::Random)),
    ("zero", Some(Device::Zero)),
];

/// The directory of handles, and its own number.
const HANDLES: &str = "fd";
const HANDLES_INODE: u64 = 100;

/// The number of the handle that a name stands for.
fn handle(path: &str) -> Option<u32> {
    match path {
        "stdin" => Some(0),
        "stdout" => Some(1),
        "stderr" => Some(2),
        path => {
            let digits = path.strip_prefix(HANDLES)?.strip_prefix('/')?;
            digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
        }
    }
}

/// The device number of these devices; no kernel's is as high.
const NUMBER: u64 = u64::MAX - 1;

/// Holds the devices.
pub struct DeviceBackend;

fn find(path: &str) -> Result<(u64, Option<Device>), Errno> {
    let first = path.split('/').next().unwrap_or(path);
    let mut all = (1..).zip(DEVICES);
    match all.find(|(_, (name, _))| *name == first) {
        Some(_) if first != path => Err(Errno::NotDir),
        Some((inode, (_, device))) => Ok((inode, device)),
        None => Err(Errno::NoEntry),
    }
}

impl Backend for DeviceBackend {
    fn stat(&self, path: &str) -> Result<Stat, Errno> {
        let (kind, inode) = match (path, handle(path)) {
            (HANDLES, _) => (Kind::Dir, HANDLES_INODE),
            (_, Some(number)) if path.starts_with(HANDLES) => (Kind::CharDevice, HANDLES_INODE + 1 + u64::from(number)),
            _ => (Kind::CharDevice, find(path)?.0),
        };
        let identity = Identity { device: NUMBER, inode };
        Ok(Stat { kind, size: 0, links: 1, identity, modified: 0, mode: 0o666, age: Age::Old })
    }

    fn open(&self, path: &str, _how: OpenHow) -> Result<Opened, Errno> {
        if path == HANDLES {
            return Ok(Opened::Dir);
        }
        if let Some(number) = handle(path) {
            return Ok(Opened::Handle(number));
        }
        let (_, device) = find(path)?;
        device.map(Opened::Device).ok_or(Errno::NoSuchDevice)
    }

    fn list(&self, path: &str) -> Result<Vec<Listed>, Errno> {
        if path == HANDLES {
            return Ok(Vec::new());
        }
        if !path.is_empty() {
            return find(path).and(Err(Errno::NotDir));
        }
        let listed = |(inode, (name, _)): (u64, (&str, Option<Device>))| Listed {
            name: name.to_owned(),
            kind: Kind::CharDevice,
            identity: Identity { device: NUMBER, inode },
        };
        let identity = Identity { device: NUMBER, inode: HANDLES_INODE };
        let handles = Listed { name: HANDLES.to_owned(), kind: Kind::Dir, identity };
        Ok((1..).zip(DEVICES).map(listed).chain([handles]).collect())
    }
}

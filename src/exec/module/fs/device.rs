//! The devices under `/dev`: names that open to something of ours.
//!
//! Knows their names. Does not know what reading or writing them does (the handle does).

use super::backend::{Age, Backend, Device, Identity, Kind, Listed, OpenHow, Opened, Stat};
use super::errno::Errno;

/// What stands in `/dev`. `tty` is there for programs that look for it; like a process without a
/// terminal, a step cannot open it.
const DEVICES: [(&str, Option<Device>); 9] = [
    ("full", Some(Device::Full)),
    ("null", Some(Device::Null)),
    ("random", Some(Device::Random)),
    ("stderr", Some(Device::Stderr)),
    ("stdin", Some(Device::Stdin)),
    ("stdout", Some(Device::Stdout)),
    ("tty", None),
    ("urandom", Some(Device::Random)),
    ("zero", Some(Device::Zero)),
];

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
        let (inode, _) = find(path)?;
        let identity = Identity { device: NUMBER, inode };
        Ok(Stat { kind: Kind::CharDevice, size: 0, links: 1, identity, modified: 0, mode: 0o666, age: Age::Old })
    }

    fn open(&self, path: &str, _how: OpenHow) -> Result<Opened, Errno> {
        let (_, device) = find(path)?;
        device.map(Opened::Device).ok_or(Errno::NoSuchDevice)
    }

    fn list(&self, path: &str) -> Result<Vec<Listed>, Errno> {
        if !path.is_empty() {
            return find(path).and(Err(Errno::NotDir));
        }
        let listed = |(inode, (name, _)): (u64, (&str, Option<Device>))| Listed {
            name: name.to_owned(),
            kind: Kind::CharDevice,
            identity: Identity { device: NUMBER, inode },
        };
        Ok((1..).zip(DEVICES).map(listed).collect())
    }
}

//! The guest's linear memory, read and written with every address checked.
//!
//! Knows bounds, and WASI's layouts of numbers, vectors and strings in memory. Does not know
//! what they mean. Nothing here allocates more than a guest's path or vector list may hold.

use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::walk::LONGEST_PATH;

/// Most vectors in one call, as `IOV_MAX` of Linux.
const MOST_VECTORS: u32 = 1024;

/// One call's view of the guest's memory.
pub struct GuestMemory<'a>(&'a mut [u8]);

/// A range that a guest named: address and length.
pub type Range = (u32, u32);

impl<'a> GuestMemory<'a> {
    /// All of a guest's memory.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self(bytes)
    }

    /// Bytes at an address.
    pub fn bytes(&self, (address, length): Range) -> Result<&[u8], Errno> {
        let start = address as usize;
        let end = start.checked_add(length as usize).ok_or(Errno::Fault)?;
        self.0.get(start..end).ok_or(Errno::Fault)
    }

    /// Bytes at an address, to be written.
    pub fn bytes_mut(&mut self, (address, length): Range) -> Result<&mut [u8], Errno> {
        let start = address as usize;
        let end = start.checked_add(length as usize).ok_or(Errno::Fault)?;
        self.0.get_mut(start..end).ok_or(Errno::Fault)
    }

    /// Makes sure that a result can be written before anything is done for it.
    pub fn check(&self, address: u32, length: u32) -> Result<(), Errno> {
        self.bytes((address, length)).map(|_| ())
    }

    fn array<const N: usize>(&self, address: u32) -> Result<[u8; N], Errno> {
        let bytes = self.bytes((address, N as u32))?;
        bytes.try_into().map_err(|_| Errno::Fault)
    }

    /// A byte.
    pub fn u8(&self, address: u32) -> Result<u8, Errno> {
        Ok(u8::from_le_bytes(self.array(address)?))
    }

    /// Two bytes, little-endian.
    pub fn u16(&self, address: u32) -> Result<u16, Errno> {
        Ok(u16::from_le_bytes(self.array(address)?))
    }

    /// Four bytes, little-endian.
    pub fn u32(&self, address: u32) -> Result<u32, Errno> {
        Ok(u32::from_le_bytes(self.array(address)?))
    }

    /// Eight bytes, little-endian.
    pub fn u64(&self, address: u32) -> Result<u64, Errno> {
        Ok(u64::from_le_bytes(self.array(address)?))
    }

    /// Writes bytes at an address.
    pub fn put(&mut self, address: u32, bytes: &[u8]) -> Result<(), Errno> {
        let length = u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)?;
        self.bytes_mut((address, length))?.copy_from_slice(bytes);
        Ok(())
    }

    /// Writes four bytes, little-endian.
    pub fn put_u32(&mut self, address: u32, value: u32) -> Result<(), Errno> {
        self.put(address, &value.to_le_bytes())
    }

    /// Writes eight bytes, little-endian.
    pub fn put_u64(&mut self, address: u32, value: u64) -> Result<(), Errno> {
        self.put(address, &value.to_le_bytes())
    }

    /// A path: UTF-8, at most [`LONGEST_PATH`] bytes.
    pub fn path(&self, range: Range) -> Result<&str, Errno> {
        let bytes = self.bytes(range)?;
        if bytes.len() > LONGEST_PATH {
            return Err(Errno::NameTooLong);
        }
        std::str::from_utf8(bytes).map_err(|_| Errno::IllegalBytes)
    }

    /// A list of vectors; every one of them has to lie in memory.
    pub fn vectors(&self, list: u32, count: u32) -> Result<Vec<Range>, Errno> {
        if count > MOST_VECTORS {
            return Err(Errno::Invalid);
        }
        let mut vectors = Vec::with_capacity(count as usize);
        let mut total = 0u32;
        for index in 0..count {
            let at = list.checked_add(index * 8).ok_or(Errno::Fault)?;
            let range = (self.u32(at)?, self.u32(at.checked_add(4).ok_or(Errno::Fault)?)?);
            self.bytes(range)?;
            // POSIX: a sum that a result cannot hold is refused.
            total = total.checked_add(range.1).ok_or(Errno::Invalid)?;
            vectors.push(range);
        }
        Ok(vectors)
    }
}

//! Choices read from bytes: from a fuzzer's, which it can then vary, or from a generator's.
//!
//! Knows numbers. Does not know what is chosen. After the last byte all choices are the first one.

/// Bytes that are read from the front.
pub struct Bytes<'a> {
    rest: &'a [u8],
    over: bool,
}

impl<'a> Bytes<'a> {
    /// Nothing read yet.
    pub fn new(rest: &'a [u8]) -> Self {
        Self { rest, over: false }
    }

    /// Whether more was asked for than there was.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// One byte.
    pub fn u8(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((first, rest)) => {
                self.rest = rest;
                *first
            }
            None => {
                self.over = true;
                0
            }
        }
    }

    /// Four bytes, little-endian.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(std::array::from_fn(|_| self.u8()))
    }

    /// A number below a small one.
    pub fn below(&mut self, end: u32) -> u32 {
        u32::from(self.u8()) % end
    }

    /// One of some.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.u8() as usize % choices.len()]
    }
}

//! What a program is told by variables of its environment that no script sees: its mask, and the handles from 3 on of
//! whoever started it, which have other numbers in it, as some systems need the low ones themselves.
//!
//! A tool hands them on to what it starts. Does not know what they stand for.

use crate::{Fd, Start};
use std::fs::File;
use std::io;
use std::sync::Mutex;

/// So much higher is the number of such a handle in a program that is started.
pub const SHIFT: Fd = 100;

/// The variable with their numbers.
pub const HANDLES: &str = "SH_HANDLES";

/// The variable that says that `PWD` is there for the system's sake: it tells some programs their working directory
/// by it, also those that were to have none.
const HIDDEN: &str = "SH_NO_PWD";

static GIVEN: Mutex<Vec<Fd>> = Mutex::new(Vec::new());

/// Takes what this program was told out of its environment.
///
/// # Safety
/// As for [`std::env::remove_var`]: nobody else reads the environment meanwhile.
pub unsafe fn take() {
    // SAFETY: the caller says so.
    unsafe { crate::making::take_mask() };
    let Ok(numbers) = std::env::var(HANDLES) else { return };
    // SAFETY: as above.
    unsafe { std::env::remove_var(HANDLES) };
    let numbers = numbers.split(',').filter_map(|number| number.parse::<Fd>().ok());
    let open = numbers.filter(|fd| fd.checked_add(SHIFT).is_some_and(crate::is_open));
    if let Ok(mut given) = GIVEN.lock() {
        given.extend(open);
    }
}

/// Takes away what only the system has put into the environment. The working directory is known by now.
///
/// # Safety
/// As for [`std::env::remove_var`]: nobody else reads the environment meanwhile.
pub unsafe fn hide() {
    if std::env::var_os(HIDDEN).is_some() {
        // SAFETY: the caller says so.
        unsafe {
            std::env::remove_var(HIDDEN);
            std::env::remove_var("PWD");
        }
    }
}

/// The handles, by the numbers of whoever started this program; from now on they are the caller's.
#[must_use]
pub fn take_handles() -> Vec<Fd> {
    GIVEN.lock().map(|mut given| std::mem::take(&mut *given)).unwrap_or_default()
}

/// What `/dev/fd/N` stands for, where that is such a handle: another one for it.
#[must_use]
pub fn named(path: &[u8]) -> Option<io::Result<File>> {
    use std::os::fd::FromRawFd;
    let number: Fd = std::str::from_utf8(path.strip_prefix(b"/dev/fd/")?).ok()?.parse().ok()?;
    if !GIVEN.lock().ok()?.contains(&number) {
        return None;
    }
    let another = crate::duplicate(number + SHIFT, SHIFT);
    // SAFETY: the handle was made here and is nobody else's.
    Some(another.map(|fd| unsafe { File::from_raw_fd(fd.cast_signed()) }))
}

/// Starts a program of this userland with the mask, and what was given to this one.
pub(crate) fn start(start: &Start<'_>) -> io::Result<u32> {
    let mut environment = start.environment.to_vec();
    let mut handles = start.handles.to_vec();
    if !environment.iter().any(|variable| variable.starts_with("PWD=")) {
        environment.push(format!("{HIDDEN}=1"));
    }
    if start.mask != crate::making::USUAL_MASK {
        environment.push(format!("{}={:o}", crate::making::VARIABLE, start.mask));
    }
    if let Ok(given) = GIVEN.lock()
        && !given.is_empty()
    {
        handles.extend(given.iter().map(|fd| (fd + SHIFT, fd + SHIFT)));
        let numbers: Vec<String> = given.iter().map(ToString::to_string).collect();
        environment.push(format!("{HANDLES}={}", numbers.join(",")));
    }
    crate::system::start(&Start { environment: &environment, handles: &handles, ..*start })
}

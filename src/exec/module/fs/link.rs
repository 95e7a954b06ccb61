//! The calls of [`GuestFs`] that make, rename and remove names.
//!
//! Knows what each is refused for, and what it costs or gives back. Does not know how a
//! path is walked or how a backend does it.

use super::backend::{Kind, SetTime};
use super::errno::{Errno, Stop};
use super::table::Spot;
use super::walk::{self, Base, Dot, LONGEST_PATH, parse};
use super::{GuestFs, refuse_too_deep};

impl GuestFs {
    /// Makes a directory.
    pub fn make_dir(&mut self, base: Base<'_>, text: &str) -> Result<(), Stop> {
        let parsed = parse(text)?;
        let table = self.table.clone();
        walk::at(&table, base, &parsed, false, |spot| {
            self.refuse_if_there(spot)?;
            if parsed.ends_in_dot.is_some() {
                return Err(self.refuse_slash(spot).into());
            }
            let backend = &table.mount(spot).backend;
            self.making(spot, |inside| backend.make_dir(inside))?;
            self.note_made(spot);
            Ok(())
        })
    }

    /// Makes a symbolic link at `text` that says `target`.
    pub fn make_link(&mut self, target: &str, base: Base<'_>, text: &str) -> Result<(), Stop> {
        let parsed = parse(text)?;
        if target.is_empty() {
            return Err(Errno::NoEntry.into());
        }
        if target.len() > LONGEST_PATH {
            return Err(Errno::NameTooLong.into());
        }
        if target.contains('\0') {
            return Err(Errno::Invalid.into());
        }
        let table = self.table.clone();
        walk::at(&table, base, &parsed, false, |spot| {
            self.refuse_if_there(spot)?;
            if parsed.must_be_dir {
                return Err(self.refuse_slash(spot).into());
            }
            let backend = &table.mount(spot).backend;
            self.making(spot, |inside| backend.make_link(target, inside))?;
            self.note_made(spot);
            Ok(())
        })
    }

    /// Gives a file a second name.
    pub fn link(&mut self, from: (Base<'_>, &str), follow: bool, to: (Base<'_>, &str)) -> Result<(), Stop> {
        let (old, new) = (parse(from.1)?, parse(to.1)?);
        let table = self.table.clone();
        walk::at(&table, from.0, &old, follow, |from_spot| {
            let stat = self.stat_spot(from_spot)?;
            match stat.kind {
                Kind::Symlink if follow => return Err(Stop::from(Errno::Loop)),
                Kind::Dir => return Err(Errno::NotPermitted.into()),
                _ if old.must_be_dir => return Err(Errno::NotDir.into()),
                _ => {}
            }
            walk::at(&table, to.0, &new, false, |to_spot| {
                if to_spot.is_fixed() {
                    return Err(Errno::Exists.into());
                }
                if !table.same_mount(from_spot, to_spot) {
                    return Err(Stop::from(Errno::CrossDevice));
                }
                self.refuse_if_there(to_spot)?;
                if new.must_be_dir {
                    return Err(self.refuse_slash(to_spot).into());
                }
                let backend = &table.mount(to_spot).backend;
                self.making(to_spot, |inside| backend.link(from_spot.inside(), inside))?;
                self.take_copied(to_spot)
            })
        })
    }

    /// Renames a file or directory. Gives both paths without links, for handles of what moved.
    pub fn rename(&mut self, from: (Base<'_>, &str), to: (Base<'_>, &str)) -> Result<(String, String), Stop> {
        let (old, new) = (parse(from.1)?, parse(to.1)?);
        let table = self.table.clone();
        walk::at(&table, from.0, &old, false, |from_spot| {
            walk::at(&table, to.0, &new, false, |to_spot| {
                if old.ends_in_dot.is_some() || new.ends_in_dot.is_some() {
                    return Err(Errno::Busy.into());
                }
                let must_be_dir = old.must_be_dir || new.must_be_dir;
                self.rename_spot(from_spot, to_spot, must_be_dir)
            })
        })
    }

    fn rename_spot(&mut self, from: &Spot, to: &Spot, must_be_dir: bool) -> Result<(String, String), Stop> {
        let table = self.table.clone();
        if from.is_fixed() || to.is_fixed() {
            return Err(Errno::Busy.into());
        }
        let moved = self.stat_spot(from)?;
        if must_be_dir && moved.kind != Kind::Dir {
            return Err(Errno::NotDir.into());
        }
        if !table.same_mount(from, to) {
            return Err(Errno::CrossDevice.into());
        }
        let mount = table.mount(from);
        if mount.read_only {
            return Err(Errno::ReadOnly.into());
        }
        refuse_too_deep(to)?;
        let replaced = mount.backend.stat(to.inside()).ok();
        let mut renamed = mount.backend.rename(from.inside(), to.inside());
        if renamed == Err(Errno::NoEntry) && self.make_fixed_above(to)? {
            renamed = mount.backend.rename(from.inside(), to.inside());
        }
        renamed?;
        self.identities.fifo_moved(moved.identity, to.inside());
        self.take_copied(to)?;
        if let Some(gone) = replaced.filter(|gone| gone.identity != moved.identity) {
            self.give_back(&gone);
        }
        Ok((from.path.clone(), to.path.clone()))
    }

    /// Removes a name that is not a directory's.
    pub fn remove_file(&mut self, base: Base<'_>, text: &str) -> Result<(), Stop> {
        let parsed = parse(text)?;
        let table = self.table.clone();
        walk::at(&table, base, &parsed, false, |spot| {
            if spot.is_fixed() {
                let dir = table.fixed_dir(spot).is_some();
                return Err(Stop::from(if dir { Errno::IsDir } else { Errno::Busy }));
            }
            let stat = self.stat_spot(spot)?;
            match stat.kind {
                Kind::Dir => return Err(Errno::IsDir.into()),
                _ if parsed.must_be_dir => return Err(Errno::NotDir.into()),
                _ => {}
            }
            let mount = table.mount(spot);
            if mount.read_only {
                return Err(Errno::ReadOnly.into());
            }
            mount.backend.remove_file(spot.inside())?;
            self.give_back(&stat);
            Ok(())
        })
    }

    /// Removes an empty directory.
    pub fn remove_dir(&mut self, base: Base<'_>, text: &str) -> Result<(), Stop> {
        let parsed = parse(text)?;
        let table = self.table.clone();
        walk::at(&table, base, &parsed, false, |spot| {
            if table.fixed_dir(spot).is_some() {
                return Err(Stop::from(Errno::Busy));
            }
            let stat = self.stat_spot(spot)?;
            if stat.kind != Kind::Dir {
                return Err(Errno::NotDir.into());
            }
            let mount = table.mount(spot);
            if mount.read_only {
                return Err(Errno::ReadOnly.into());
            }
            match parsed.ends_in_dot {
                Some(Dot::Own) => return Err(Errno::Invalid.into()),
                Some(Dot::Above) => return Err(Errno::NotEmpty.into()),
                None => {}
            }
            mount.backend.remove_dir(spot.inside())?;
            self.give_back(&stat);
            Ok(())
        })
    }

    /// What a symbolic link says.
    pub fn read_link(&self, base: Base<'_>, text: &str) -> Result<String, Errno> {
        let parsed = parse(text)?;
        walk::at(&self.table, base, &parsed, parsed.must_be_dir, |spot| {
            if spot.is_fixed() {
                return Err(Errno::Invalid);
            }
            if parsed.must_be_dir {
                let dir = self.stat_spot(spot)?.kind == Kind::Dir;
                return Err(if dir { Errno::Invalid } else { Errno::NotDir });
            }
            self.table.mount(spot).backend.read_link(spot.inside())
        })
    }

    /// Sets a file's times of access and change.
    pub fn set_times(
        &mut self,
        base: Base<'_>,
        text: &str,
        follow: bool,
        accessed: SetTime,
        modified: SetTime,
    ) -> Result<(), Stop> {
        let parsed = parse(text)?;
        let follow = follow || parsed.must_be_dir;
        let table = self.table.clone();
        walk::at(&table, base, &parsed, follow, |spot| {
            let stat = self.stat_spot(spot)?;
            match stat.kind {
                Kind::Symlink if follow => return Err(Stop::from(Errno::Loop)),
                Kind::Dir => {}
                _ if parsed.must_be_dir => return Err(Errno::NotDir.into()),
                _ => {}
            }
            let mount = table.mount(spot);
            if mount.read_only {
                return Err(Errno::ReadOnly.into());
            }
            // A directory of the table always has the time of what is older than the task.
            if table.fixed_dir(spot).is_none() {
                mount.backend.set_times(spot.inside(), accessed, modified)?;
                self.identities.note_times(&stat, self.real_times, accessed, modified);
            }
            self.take_copied(spot)
        })
    }

    /// Sets the permission bits of a file or directory.
    pub fn set_mode(&mut self, base: Base<'_>, text: &str, follow: bool, mode: u32) -> Result<(), Stop> {
        let parsed = parse(text)?;
        let follow = follow || parsed.must_be_dir;
        let table = self.table.clone();
        walk::at(&table, base, &parsed, follow, |spot| {
            match self.stat_spot(spot)?.kind {
                Kind::Symlink if follow => return Err(Stop::from(Errno::Loop)),
                Kind::Symlink => return Err(Errno::NotSupported.into()),
                Kind::Dir => {}
                _ if parsed.must_be_dir => return Err(Errno::NotDir.into()),
                _ => {}
            }
            let mount = table.mount(spot);
            if mount.read_only {
                return Err(Errno::ReadOnly.into());
            }
            // A directory of the table keeps the mode that it was mounted with.
            if table.fixed_dir(spot).is_some() {
                return Err(Errno::NotPermitted.into());
            }
            mount.backend.set_mode(spot.inside(), mode)?;
            self.take_copied(spot)
        })
    }

    /// Refuses to make something where anything stands, or in a read-only mount. What is there is
    /// said first, as Linux does.
    fn refuse_if_there(&self, spot: &Spot) -> Result<(), Errno> {
        if spot.is_fixed() {
            return Err(Errno::Exists);
        }
        let mount = self.table.mount(spot);
        if mount.read_only {
            return match mount.backend.stat(spot.inside()) {
                Ok(_) => Err(Errno::Exists),
                Err(Errno::NoEntry) => Err(Errno::ReadOnly),
                Err(errno) => Err(errno),
            };
        }
        Ok(())
    }

    /// Why something that is not a directory cannot be made at a path with a slash at its end.
    fn refuse_slash(&self, spot: &Spot) -> Errno {
        match self.stat_spot(spot) {
            Ok(stat) if stat.kind == Kind::Dir => Errno::Exists,
            Ok(_) => Errno::NotDir,
            Err(errno) => errno,
        }
    }

    fn give_back(&mut self, gone: &super::backend::Stat) {
        self.usage.give_back_file();
        if self.identities.unnamed(gone) {
            self.usage.give_back_bytes(gone.size);
        }
        if gone.kind == Kind::File && gone.links <= 1 {
            self.identities.forget_fifo(gone.identity);
        }
    }
}

//! Which lines changed: the shortest edit script by Myers' divide and conquer, with the same choices among scripts of
//! one length that GNU's diff makes, so that both say the same.
//!
//! Knows lines only as numbers: equal ones are equal lines.

/// A change: lines of the old file that go, lines of the new one that come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub old: usize,
    pub deleted: usize,
    pub new: usize,
    pub inserted: usize,
}

/// Which lines of one file changed, with a place before the first and behind the last that never did.
struct Marks(Vec<bool>);

impl Marks {
    fn new(lines: usize) -> Self {
        Self(vec![false; lines + 2])
    }

    fn at(&self, line: isize) -> bool {
        self.0[(line + 1) as usize]
    }

    fn set(&mut self, line: isize, is: bool) {
        self.0[(line + 1) as usize] = is;
    }
}

/// The changes from one file to the other. `horizon` lines that are the same at either end are looked at as well.
pub fn changes(old: &[u32], new: &[u32], horizon: usize, minimal: bool) -> Vec<Change> {
    let same = |(one, other): &(&u32, &u32)| one == other;
    let prefix = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    let prefix = prefix - prefix.min(horizon);
    let suffix = suffix - suffix.min(horizon);
    let middles = [&old[prefix..old.len() - suffix], &new[prefix..new.len() - suffix]];
    let mut marks = [Marks::new(middles[0].len()), Marks::new(middles[1].len())];
    let kept = discard(middles, minimal, &mut marks);
    let diagonals = kept[0].len() + kept[1].len() + 3;
    let mut search = Search {
        texts: [kept[0].iter().map(|at| middles[0][*at]).collect(), kept[1].iter().map(|at| middles[1][*at]).collect()],
        forward: vec![0; diagonals],
        backward: vec![0; diagonals],
        shift: kept[1].len() as isize + 1,
        too_expensive: too_expensive(diagonals),
        found: [Vec::new(), Vec::new()],
    };
    let ends = (kept[0].len() as isize, kept[1].len() as isize);
    search.compare((0, ends.0), (0, ends.1), minimal);
    for side in 0..2 {
        for at in &search.found[side] {
            marks[side].set(kept[side][*at as usize] as isize, true);
        }
    }
    let [mut one, mut other] = marks;
    shift(middles[0], &mut one, &other);
    shift(middles[1], &mut other, &one);
    script(&one, &other, middles, prefix)
}

fn too_expensive(mut diagonals: usize) -> isize {
    let mut cost = 1;
    while diagonals > 0 {
        cost <<= 1;
        diagonals >>= 2;
    }
    cost.max(4096)
}

fn script(one: &Marks, other: &Marks, middles: [&[u32]; 2], prefix: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut old, mut new) = (0, 0);
    while old < middles[0].len() || new < middles[1].len() {
        let (from_old, from_new) = (old, new);
        while old < middles[0].len() && one.at(old as isize) {
            old += 1;
        }
        while new < middles[1].len() && other.at(new as isize) {
            new += 1;
        }
        if old > from_old || new > from_new {
            let change = Change {
                old: from_old + prefix,
                deleted: old - from_old,
                new: from_new + prefix,
                inserted: new - from_new,
            };
            changes.push(change);
        } else {
            (old, new) = (old + 1, new + 1);
        }
    }
    changes
}

/// Leaves out lines that only confuse: those that the other file has not, and within runs of them such as it has many
/// of. Gives the places of the others.
fn discard(middles: [&[u32]; 2], minimal: bool, marks: &mut [Marks; 2]) -> [Vec<usize>; 2] {
    let highest = middles.iter().flat_map(|lines| lines.iter()).max().map_or(0, |line| *line as usize + 1);
    let mut counts = [vec![0usize; highest], vec![0usize; highest]];
    for (side, lines) in middles.iter().enumerate() {
        lines.iter().for_each(|line| counts[side][*line as usize] += 1);
    }
    std::array::from_fn(|side| {
        let lines = middles[side];
        let (mut many, mut left) = (5, lines.len() / 64);
        while left >> 2 > 0 {
            left >>= 2;
            many *= 2;
        }
        let kind = |line: &u32| match counts[1 - side][*line as usize] {
            0 => Kind::Never,
            count if count > many => Kind::Often,
            _ => Kind::Kept,
        };
        let mut kinds: Vec<Kind> = lines.iter().map(kind).collect();
        settle(&mut kinds);
        let mut kept = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            if minimal || *kind == Kind::Kept {
                kept.push(at);
            } else {
                marks[side].set(at as isize, true);
            }
        }
        kept
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Kept,
    /// The other file has no such line.
    Never,
    /// It has many: left out only amid others that are.
    Often,
}

/// Keeps lines of which there are many, but within runs of lines that are left out.
fn settle(kinds: &mut [Kind]) {
    let mut at = 0;
    while at < kinds.len() {
        match kinds[at] {
            Kind::Kept => {}
            Kind::Often => kinds[at] = Kind::Kept,
            Kind::Never => {
                let mut end = at + kinds[at..].iter().take_while(|kind| **kind != Kind::Kept).count();
                while kinds[end - 1] == Kind::Often {
                    end -= 1;
                    kinds[end] = Kind::Kept;
                }
                settle_run(&mut kinds[at..end]);
                at = end - 1;
            }
        }
        at += 1;
    }
}

fn settle_run(run: &mut [Kind]) {
    let often = run.iter().filter(|kind| **kind == Kind::Often).count();
    if often * 4 > run.len() {
        run.iter_mut().filter(|kind| **kind == Kind::Often).for_each(|kind| *kind = Kind::Kept);
        return;
    }
    let (mut least, mut left) = (1, run.len() >> 2);
    while left >> 2 > 0 {
        left >>= 2;
        least <<= 1;
    }
    least += 1;
    // Many of them together say something.
    let mut at = 0;
    while at < run.len() {
        let count = run[at..].iter().take_while(|kind| **kind == Kind::Often).count();
        if count >= least {
            run[at..at + count].fill(Kind::Kept);
        }
        at += count.max(1);
    }
    let near_end = |kinds: &mut dyn Iterator<Item = &mut Kind>| {
        let mut together = 0;
        for (at, kind) in kinds.enumerate() {
            if at >= 8 && *kind == Kind::Never {
                break;
            }
            match kind {
                Kind::Never => together += 1,
                kind => {
                    *kind = Kind::Kept;
                    together = 0;
                }
            }
            if together == 3 {
                break;
            }
        }
    };
    near_end(&mut run.iter_mut());
    near_end(&mut run.iter_mut().rev());
}

/// The search for the shortest script.
struct Search {
    texts: [Vec<u32>; 2],
    /// The furthest place of each diagonal, from either end.
    forward: Vec<isize>,
    backward: Vec<isize>,
    shift: isize,
    too_expensive: isize,
    found: [Vec<isize>; 2],
}

/// Where the two halves of a script meet, and whether either is the shortest.
struct Middle {
    x: isize,
    y: isize,
    minimal: (bool, bool),
}

impl Search {
    fn same(&self, x: isize, y: isize) -> bool {
        self.texts[0][x as usize] == self.texts[1][y as usize]
    }

    fn compare(&mut self, (mut x, mut x_end): (isize, isize), (mut y, mut y_end): (isize, isize), minimal: bool) {
        while x < x_end && y < y_end && self.same(x, y) {
            (x, y) = (x + 1, y + 1);
        }
        while x < x_end && y < y_end && self.same(x_end - 1, y_end - 1) {
            (x_end, y_end) = (x_end - 1, y_end - 1);
        }
        if x == x_end {
            self.found[1].extend(y..y_end);
        } else if y == y_end {
            self.found[0].extend(x..x_end);
        } else {
            let middle = self.middle((x, x_end), (y, y_end), minimal);
            self.compare((x, middle.x), (y, middle.y), middle.minimal.0);
            self.compare((middle.x, x_end), (middle.y, y_end), middle.minimal.1);
        }
    }

    fn middle(&mut self, (x_from, x_end): (isize, isize), (y_from, y_end): (isize, isize), minimal: bool) -> Middle {
        let (least, most) = (x_from - y_end, x_end - y_from);
        let (front, back) = (x_from - y_from, x_end - y_end);
        let (mut front_least, mut front_most, mut back_least, mut back_most) = (front, front, back, back);
        let odd = (front - back) & 1 != 0;
        let shift = self.shift;
        let place = |diagonal: isize| (diagonal + shift) as usize;
        self.forward[place(front)] = x_from;
        self.backward[place(back)] = x_end;
        let mut cost = 0;
        loop {
            cost += 1;
            if front_least > least {
                front_least -= 1;
                self.forward[place(front_least - 1)] = -1;
            } else {
                front_least += 1;
            }
            if front_most < most {
                front_most += 1;
                self.forward[place(front_most + 1)] = -1;
            } else {
                front_most -= 1;
            }
            let mut diagonal = front_most;
            while diagonal >= front_least {
                let (low, high) = (self.forward[place(diagonal - 1)], self.forward[place(diagonal + 1)]);
                let mut x = if low < high { high } else { low + 1 };
                while x < x_end && x - diagonal < y_end && self.same(x, x - diagonal) {
                    x += 1;
                }
                self.forward[place(diagonal)] = x;
                let meets = odd && (back_least..=back_most).contains(&diagonal);
                if meets && self.backward[place(diagonal)] <= x {
                    return Middle { x, y: x - diagonal, minimal: (true, true) };
                }
                diagonal -= 2;
            }
            if back_least > least {
                back_least -= 1;
                self.backward[place(back_least - 1)] = isize::MAX;
            } else {
                back_least += 1;
            }
            if back_most < most {
                back_most += 1;
                self.backward[place(back_most + 1)] = isize::MAX;
            } else {
                back_most -= 1;
            }
            let mut diagonal = back_most;
            while diagonal >= back_least {
                let (low, high) = (self.backward[place(diagonal - 1)], self.backward[place(diagonal + 1)]);
                let mut x = if low < high { low } else { high - 1 };
                while x_from < x && y_from < x - diagonal && self.same(x - 1, x - diagonal - 1) {
                    x -= 1;
                }
                self.backward[place(diagonal)] = x;
                let meets = !odd && (front_least..=front_most).contains(&diagonal);
                if meets && x <= self.forward[place(diagonal)] {
                    return Middle { x, y: x - diagonal, minimal: (true, true) };
                }
                diagonal -= 2;
            }
            if !minimal && cost >= self.too_expensive {
                let front = (front_least, front_most);
                return self.given_up((x_from, x_end), (y_from, y_end), front, (back_least, back_most));
            }
        }
    }

    /// Halfway between the best of either side, once the search has become too long.
    fn given_up(&self, x: (isize, isize), y: (isize, isize), front: (isize, isize), back: (isize, isize)) -> Middle {
        let mut best = (-1, 0);
        let mut diagonal = front.1;
        while diagonal >= front.0 {
            let mut at = self.forward[(diagonal + self.shift) as usize].min(x.1);
            if y.1 < at - diagonal {
                at = y.1 + diagonal;
            }
            if best.0 < at + at - diagonal {
                best = (at + at - diagonal, at);
            }
            diagonal -= 2;
        }
        let mut back_best = (isize::MAX, 0);
        let mut diagonal = back.1;
        while diagonal >= back.0 {
            let mut at = self.backward[(diagonal + self.shift) as usize].max(x.0);
            if at - diagonal < y.0 {
                at = y.0 + diagonal;
            }
            if at + at - diagonal < back_best.0 {
                back_best = (at + at - diagonal, at);
            }
            diagonal -= 2;
        }
        if x.1 + y.1 - back_best.0 < best.0 - (x.0 + y.0) {
            Middle { x: best.1, y: best.0 - best.1, minimal: (true, false) }
        } else {
            Middle { x: back_best.1, y: back_best.0 - back_best.1, minimal: (false, true) }
        }
    }
}

/// Moves runs of changes as far on as they go, joins those that meet, and moves them back to where the other file
/// changed too.
fn shift(lines: &[u32], marks: &mut Marks, other: &Marks) {
    let end = lines.len() as isize;
    let same = |one: isize, two: isize| lines[one as usize] == lines[two as usize];
    let (mut at, mut there) = (0isize, 0isize);
    loop {
        while at < end && !marks.at(at) {
            while other.at(there) {
                there += 1;
            }
            there += 1;
            at += 1;
        }
        if at == end {
            return;
        }
        let mut start = at;
        while marks.at(at) {
            at += 1;
        }
        while other.at(there) {
            there += 1;
        }
        let mut matching;
        loop {
            let length = at - start;
            while start > 0 && same(start - 1, at - 1) {
                start -= 1;
                marks.set(start, true);
                at -= 1;
                marks.set(at, false);
                while marks.at(start - 1) {
                    start -= 1;
                }
                there -= 1;
                while other.at(there) {
                    there -= 1;
                }
            }
            matching = if other.at(there - 1) { at } else { end };
            while at != end && same(start, at) {
                marks.set(start, false);
                start += 1;
                marks.set(at, true);
                at += 1;
                while marks.at(at) {
                    at += 1;
                }
                there += 1;
                while other.at(there) {
                    matching = at;
                    there += 1;
                }
            }
            if length == at - start {
                break;
            }
        }
        while matching < at {
            start -= 1;
            marks.set(start, true);
            at -= 1;
            marks.set(at, false);
            there -= 1;
            while other.at(there) {
                there -= 1;
            }
        }
    }
}

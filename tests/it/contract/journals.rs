//! The suite of `Journal`: the file and the one in memory give the same answers.

use stepwell::store::StoreFault;
use stepwell::store::journal::{Appended, Contents, FileJournal, Journal, MAX_RECORD, MemoryRecords, RecordKind, read};

/// A place where a journal lies: it can be opened again and again, and read.
struct Place {
    name: &'static str,
    open: Box<dyn Fn() -> Box<dyn Journal>>,
    contents: Box<dyn Fn() -> Contents>,
}

fn places(dir: &tempfile::TempDir) -> Vec<Place> {
    let path = dir.path().join("journal");
    let (open, contents) = (path.clone(), path);
    let file = Place {
        name: "file",
        open: Box::new(move || match FileJournal::create(&open) {
            Ok(new) => Box::new(new),
            Err(_) => Box::new(FileJournal::open(&open).unwrap().0),
        }),
        contents: Box::new(move || read(&contents).unwrap()),
    };
    let records = MemoryRecords::default();
    let shared = records.clone();
    let memory = Place {
        name: "memory",
        open: Box::new(move || Box::new(records.open())),
        contents: Box::new(move || shared.contents()),
    };
    vec![file, memory]
}

fn check(suite: impl Fn(&Place)) {
    let dir = tempfile::tempdir().unwrap();
    for place in places(&dir) {
        println!("over {}", place.name);
        suite(&place);
    }
}

fn put(journal: &mut dyn Journal, epoch: u64, seq: u64, kind: RecordKind, payload: &str) -> Appended {
    journal.append(epoch, seq, kind, payload.as_bytes()).unwrap()
}

/// Opens a journal that holds a header and `events` events of epoch 1.
fn begun(place: &Place, events: u64) -> Box<dyn Journal> {
    let mut journal = (place.open)();
    assert_eq!(put(journal.as_mut(), 1, 0, RecordKind::Header, "{}"), Appended::Done);
    for seq in 0..events {
        assert_eq!(put(journal.as_mut(), 1, seq, RecordKind::Event, "event"), Appended::Done);
    }
    assert_eq!(journal.flush().unwrap(), Appended::Done);
    journal
}

fn texts(place: &Place) -> Vec<String> {
    let records = (place.contents)().records;
    records.into_iter().map(|record| String::from_utf8(record.payload).unwrap()).collect()
}

#[test]
fn what_was_flushed_is_read_back_in_order() {
    check(|place| {
        let mut journal = begun(place, 0);
        assert_eq!(put(journal.as_mut(), 1, 0, RecordKind::Event, "a"), Appended::Done);
        assert_eq!(texts(place), ["{}"], "nothing is there before it is flushed");
        assert_eq!(put(journal.as_mut(), 2, 1, RecordKind::Event, "b"), Appended::Done);
        assert_eq!(journal.sync().unwrap(), Appended::Done);
        let contents = (place.contents)();
        assert_eq!(contents.header(), Some(&b"{}"[..]));
        assert_eq!(contents.epoch(), 2);
        let places: Vec<_> = contents.records.iter().map(|r| (r.kind, r.epoch, r.seq)).collect();
        assert_eq!(places, [(RecordKind::Header, 1, 0), (RecordKind::Event, 1, 0), (RecordKind::Event, 2, 1)]);
        drop(journal);

        let mut again = (place.open)();
        assert_eq!(put(again.as_mut(), 3, 2, RecordKind::Event, "c"), Appended::Done);
        assert_eq!(again.flush().unwrap(), Appended::Done);
        assert_eq!(texts(place), ["{}", "a", "b", "c"]);
    });
}

#[test]
fn what_comes_out_of_order_is_refused_and_leaves_no_trace() {
    check(|place| {
        let mut journal = (place.open)();
        let early = journal.append(0, 0, RecordKind::Event, b"x");
        assert!(matches!(early, Err(StoreFault::OutOfOrder { .. })), "an event before the header");
        drop(journal);
        let mut journal = begun(place, 2);
        let cases =
            [(RecordKind::Event, 1), (RecordKind::Event, 3), (RecordKind::Header, 0), (RecordKind::Event, u64::MAX)];
        for (kind, seq) in cases {
            assert!(matches!(journal.append(1, seq, kind, b"x"), Err(StoreFault::OutOfOrder { .. })), "{kind:?} {seq}");
        }
        assert_eq!(put(journal.as_mut(), 1, 2, RecordKind::Event, "next"), Appended::Done);
        assert_eq!(journal.flush().unwrap(), Appended::Done);
        assert_eq!(texts(place), ["{}", "event", "event", "next"]);
    });
}

#[test]
fn records_have_a_shape_and_a_largest_size() {
    check(|place| {
        let mut journal = begun(place, 0);
        assert!(matches!(journal.append(1, 0, RecordKind::Event, b""), Err(StoreFault::RecordShape)));
        assert!(matches!(journal.append(1, 0, RecordKind::Event, b"a\0"), Err(StoreFault::RecordShape)));
        let large = vec![b'x'; MAX_RECORD + 1];
        assert!(matches!(
            journal.append(1, 0, RecordKind::Event, &large),
            Err(StoreFault::RecordTooLarge { limit: MAX_RECORD, .. })
        ));
        assert_eq!(journal.append(1, 0, RecordKind::Event, &large[1..]).unwrap(), Appended::Done);
        assert_eq!(journal.flush().unwrap(), Appended::Done);
        assert_eq!((place.contents)().records[1].payload.len(), MAX_RECORD);
    });
}

#[test]
fn an_epoch_that_has_passed_is_fenced() {
    check(|place| {
        let mut journal = begun(place, 1);
        assert_eq!(put(journal.as_mut(), 0, 1, RecordKind::Event, "old"), Appended::Fenced);
        assert_eq!(journal.flush().unwrap(), Appended::Done);
        assert_eq!(texts(place), ["{}", "event"]);
    });
}

#[test]
fn a_later_writer_fences_the_earlier_one() {
    check(|place| {
        let mut earlier = begun(place, 1);
        let mut later = (place.open)();
        assert_eq!(put(later.as_mut(), 2, 1, RecordKind::Event, "later"), Appended::Done);
        assert_eq!(later.flush().unwrap(), Appended::Done);

        assert_eq!(put(earlier.as_mut(), 1, 1, RecordKind::Event, "earlier"), Appended::Done);
        assert_eq!(earlier.flush().unwrap(), Appended::Fenced);
        assert_eq!(earlier.flush().unwrap(), Appended::Fenced, "and stays so");
        assert_eq!(put(earlier.as_mut(), 9, 2, RecordKind::Event, "earlier"), Appended::Fenced);
        assert_eq!(earlier.sync().unwrap(), Appended::Fenced);

        assert_eq!(put(later.as_mut(), 2, 2, RecordKind::Event, "later still"), Appended::Done);
        assert_eq!(later.flush().unwrap(), Appended::Done);
        assert_eq!(texts(place), ["{}", "event", "later", "later still"]);
    });
}

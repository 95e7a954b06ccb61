//! The file journal against what files suffer: cuts at every byte, flips of every byte, full
//! disks. What every journal does is checked in `tests/it/contract.rs`.

use super::*;
use crate::model::event::Event;
use std::fs;
use std::path::Path;

/// A journal with a header and three events; gives its path's bytes and the records.
fn sample(path: &Path) -> (Vec<u8>, Vec<Record>) {
    let mut journal = FileJournal::create(path).unwrap();
    append(&mut journal, 0, 0, RecordKind::Header, br#"{"objects":[]}"#);
    for seq in 0..3 {
        let event = Stamped { seq, at: 100 + seq, event: if seq == 0 { Event::Started } else { Event::Woke } };
        append(&mut journal, seq / 2, seq, RecordKind::Event, &serde_json::to_vec(&event).unwrap());
    }
    assert_eq!(journal.flush().unwrap(), Appended::Done);
    let contents = read(path).unwrap();
    assert!(contents.damage.is_none() && contents.torn == 0);
    assert_eq!(contents.records.len(), 4);
    (fs::read(path).unwrap(), contents.records)
}

fn append(journal: &mut FileJournal, epoch: u64, seq: u64, kind: RecordKind, payload: &[u8]) {
    assert_eq!(journal.append(epoch, seq, kind, payload).unwrap(), Appended::Done);
}

/// Where each record ends.
fn ends(records: &[Record]) -> Vec<usize> {
    let mut end = frame::FILE_HEADER;
    let lengths = records.iter().map(|record| frame::HEAD + record.payload.len());
    lengths.map(|length| (end, end += length).0 + length).collect()
}

#[test]
fn a_cut_at_any_byte_keeps_the_whole_records_and_can_be_appended_to() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, records) = sample(&dir.path().join("whole"));
    let ends = ends(&records);
    assert_eq!(ends.last(), Some(&bytes.len()));
    let path = dir.path().join("cut");
    for cut in 0..bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let contents = read(&path).unwrap();
        assert_eq!(contents.records, records[..whole], "cut at {cut}");
        assert!(contents.damage.is_none(), "cut at {cut}");
        assert_eq!(read_header(&path).unwrap().is_some(), whole > 0, "cut at {cut}");

        let (mut journal, found) = FileJournal::open(&path).unwrap();
        assert_eq!(found.records, records[..whole], "cut at {cut}");
        for record in &records[whole..] {
            append(&mut journal, record.epoch, record.seq, record.kind, &record.payload);
        }
        assert_eq!(journal.sync().unwrap(), Appended::Done);
        assert_eq!(fs::read(&path).unwrap(), bytes, "cut at {cut}");
    }
}

#[test]
fn a_flip_of_any_byte_is_named_and_what_precedes_it_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, records) = sample(&dir.path().join("whole"));
    let ends = ends(&records);
    let path = dir.path().join("flipped");
    for at in 0..bytes.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut flipped = bytes.clone();
            flipped[at] ^= mask;
            fs::write(&path, &flipped).unwrap();
            if at < frame::FILE_HEADER {
                assert!(matches!(read(&path), Err(StoreFault::Foreign { .. })), "byte {at}");
                continue;
            }
            let number = ends.iter().filter(|end| **end <= at).count();
            let contents = read(&path).unwrap();
            assert_eq!(contents.records, records[..number], "byte {at}");
            let Some(StoreFault::Damaged { record, offset, .. }) = contents.damage else {
                panic!("byte {at} flipped by {mask} went unseen")
            };
            let begins = number.checked_sub(1).map_or(frame::FILE_HEADER, |before| ends[before]);
            assert_eq!((record, offset), (number as u64, begins as u64), "byte {at}");
            assert!(matches!(FileJournal::open(&path), Err(StoreFault::Damaged { .. })), "byte {at}");
            assert_eq!(fs::read(&path).unwrap(), flipped, "a damaged journal is left as it is");
        }
    }
}

#[test]
fn zeros_that_a_power_loss_left_count_as_torn() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, records) = sample(&dir.path().join("whole"));
    let ends = ends(&records);
    let path = dir.path().join("zeros");
    for cut in 0..bytes.len() {
        for more in [0, 1, 5000] {
            let mut zeroed = bytes[..cut].to_vec();
            zeroed.resize(bytes.len() + more, 0);
            fs::write(&path, &zeroed).unwrap();
            let contents = read(&path).unwrap();
            let whole = ends.iter().filter(|end| **end <= cut).count();
            assert!(contents.damage.is_none(), "zeros from {cut}: {:?}", contents.damage);
            assert_eq!(contents.records, records[..whole], "zeros from {cut}");
        }
    }
}

#[test]
fn an_event_that_is_none_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let mut journal = FileJournal::create(&path).unwrap();
    append(&mut journal, 0, 0, RecordKind::Header, b"{}");
    append(&mut journal, 0, 0, RecordKind::Event, br#"{"seq":0,"at":1,"type":"fromTheFuture"}"#);
    assert_eq!(journal.flush().unwrap(), Appended::Done);
    let fault = read(&path).unwrap().events().unwrap_err();
    let StoreFault::Damaged { record: 1, offset: 47, what, .. } = fault else { panic!("{fault}") };
    assert!(what.contains("fromTheFuture"), "{what}");
}

#[test]
fn empty_new_foreign_and_newer_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    fs::write(&path, b"").unwrap();
    let contents = read(&path).unwrap();
    assert!(contents.records.is_empty() && contents.header().is_none() && contents.epoch() == 0);
    assert_eq!(read_header(&path).unwrap(), None);

    fs::write(&path, b"apiVersion: tekton.dev/v1\n").unwrap();
    assert!(matches!(read(&path), Err(StoreFault::Foreign { expected: "journal", .. })));

    let mut newer = frame::file_header();
    newer[8..12].copy_from_slice(&7_u32.to_le_bytes());
    let sum = crc32fast::hash(&newer[..12]);
    newer[12..].copy_from_slice(&sum.to_le_bytes());
    fs::write(&path, newer).unwrap();
    assert!(matches!(read(&path), Err(StoreFault::NewerFormat { found: 7, known: FORMAT_VERSION, .. })));
    assert!(FileJournal::create(&path).is_err(), "a journal is never made over another file");
}

#[test]
fn a_full_disk_breaks_the_journal_for_good() {
    let full = fs::OpenOptions::new().read(true).write(true).open("/dev/full").unwrap();
    let mut journal = FileJournal::over_device(full);
    append(&mut journal, 0, 0, RecordKind::Header, b"{}");
    let fault = journal.flush().unwrap_err();
    assert!(matches!(&fault, StoreFault::Io { source, .. } if source.raw_os_error() == Some(28)), "{fault}");
    assert!(matches!(journal.flush(), Err(StoreFault::Broken { .. })));
    assert!(matches!(journal.append(0, 0, RecordKind::Event, b"{}"), Err(StoreFault::Broken { .. })));
}

#[test]
fn a_file_that_shrank_is_not_written_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    sample(&path);
    let (mut journal, _) = FileJournal::open(&path).unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(20).unwrap();
    append(&mut journal, 1, 3, RecordKind::Event, b"{}");
    assert!(journal.flush().unwrap_err().to_string().contains("shrank"));
}

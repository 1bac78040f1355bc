//! What an archive may cost before anything in it is read: its list of names, and the parts of a
//! workbook that the workbook reader keeps in memory.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use zip::ZipArchive;

use super::source::{Bounded, refuse_io, refuse_zip};
use super::types::{Limits, Refused};

/// Bytes that the list of an archive's members may have: some ten thousand names. An entry costs
/// several times its bytes in memory, so that a file of 50 MB with nothing but names would cost
/// half a gigabyte.
const MOST_OF_LIST: u64 = 1 << 20;
/// What may be read beside the list to find it: backwards, behind a comment of up to 64 KiB.
const SEARCH: u64 = 4 << 20;
/// Bytes that a sheet may go on without a tag: the workbook reader keeps what lies between two.
/// A cell holds 32,767 characters at most.
const MOST_BETWEEN_TAGS: u64 = 1 << 20;

/// A file whose list of members is read with a budget.
pub(super) struct Listed<R> {
    pub(super) inner: R,
    /// Bytes that may still be read; `None` when the list is known.
    left: Rc<Cell<Option<u64>>>,
}

impl<R: Read> Read for Listed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(into)?;
        if let Some(left) = self.left.get() {
            let Some(left) = left.checked_sub(got as u64) else {
                let message = "the archive's list of files is longer than 1 MiB, or its end is \
                               missing: download it again, or pack fewer files";
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
            };
            self.left.set(Some(left));
        }
        Ok(got)
    }
}

impl<R: Seek> Seek for Listed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Opens an archive whose list of files has a bound.
pub(super) fn archive<R: Read + Seek>(inner: R) -> Result<ZipArchive<Listed<R>>, Refused> {
    let left = Rc::new(Cell::new(Some(MOST_OF_LIST + SEARCH)));
    let listed = Listed { inner, left: Rc::clone(&left) };
    let archive = ZipArchive::new(listed).map_err(|e| refuse_zip(&e))?;
    let offset = archive.offset();
    let (names, start) = (archive.len(), archive.central_directory_start());
    let mut listed = archive.into_inner();
    let listed_names = entries(&mut listed, start).map_err(|e| refuse_io(&e))?;
    if listed_names != names {
        return Err(Refused::new(
            "archive_contents",
            "the archive holds two files of one name, of which only one can be read: unpack it, \
             and add the statements in it",
        ));
    }
    let config = zip::read::Config { archive_offset: zip::read::ArchiveOffset::Known(offset) };
    let archive = ZipArchive::with_config(config, listed).map_err(|e| refuse_zip(&e))?;
    left.set(None);
    Ok(archive)
}

/// Entries in the list of files that begins at `start`, those of one name twice (APPNOTE 4.3.12).
fn entries(file: &mut (impl Read + Seek), start: u64) -> io::Result<usize> {
    file.seek(SeekFrom::Start(start))?;
    let mut file = io::BufReader::new(file);
    let (mut count, mut head) = (0, [0_u8; 46]);
    while file.read_exact(&mut head).is_ok() && head.starts_with(b"PK\x01\x02") {
        count += 1;
        let behind = [28, 30, 32].map(|at| i64::from(u16::from_le_bytes([head[at], head[at + 1]])));
        file.seek_relative(behind.iter().sum())?;
    }
    Ok(count)
}

/// Unpacks a workbook once without keeping it: sizes in an archive's directory can lie, and the
/// workbook reader trusts them. Sheets are read row by row; everything else but pictures is kept
/// in memory, so that it has a bound of its own.
pub(super) fn weigh<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    limits: &Limits,
) -> Result<(), Refused> {
    let (mut left, mut kept) = (limits.max_sheet_bytes, limits.max_texts_bytes);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|e| refuse_zip(&e))?;
        let name = entry.name().to_ascii_lowercase();
        let packed = Rc::new(Cell::new(entry.compressed_size()));
        let mut bounded = Bounded::new(entry, limits, Some(packed));
        if name.starts_with("xl/worksheets/") {
            bounded.max = left;
            let mut gap = Gap(0);
            left -= io::copy(&mut bounded, &mut gap).map_err(|e| refuse_io(&e))?;
        } else if name.starts_with("xl/media/") {
            bounded.max = left;
            left -= io::copy(&mut bounded, &mut io::sink()).map_err(|e| refuse_io(&e))?;
        } else {
            bounded.max = kept;
            kept -= io::copy(&mut bounded, &mut io::sink()).map_err(|e| match e.kind() {
                io::ErrorKind::FileTooLarge => Refused::new(
                    "too_large",
                    format!(
                        "the workbook holds more than {} MiB of texts: save the sheet as CSV",
                        limits.max_texts_bytes >> 20
                    ),
                ),
                _ => refuse_io(&e),
            })?;
        }
    }
    Ok(())
}

/// Measures how far a sheet goes on without a tag.
struct Gap(u64);

impl Write for Gap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pieces = bytes.split(|b| *b == b'<');
        self.0 += pieces.next().map_or(0, <[u8]>::len) as u64;
        let mut most = self.0;
        for piece in pieces {
            self.0 = piece.len() as u64;
            most = most.max(self.0);
        }
        if most > MOST_BETWEEN_TAGS {
            let message = "a cell of the workbook is longer than 1 MiB";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

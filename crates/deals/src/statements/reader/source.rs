//! From a file as it was uploaded to a stream of UTF-8 text, or to a spreadsheet.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use super::archive::{archive, weigh};
use super::transcode::{self, Transcoded};
use super::types::{Limits, Refused};

/// Where the bytes are.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// In a file, which is read as a stream.
    File(&'a Path),
}

pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// What a file turned out to be.
pub(super) enum Opened<'a> {
    /// Text without a byte order mark, with the name of its encoding.
    Text(Box<dyn Read + 'a>, &'static str),
    /// An xlsx workbook.
    Sheet(Box<dyn ReadSeek + 'a>),
}

/// The members of an archive that may be statements, by place and name; none when `source` is
/// no archive of files.
pub(super) fn members(source: Source<'_>) -> Result<Vec<(usize, String)>, Refused> {
    let mut raw = raw(source)?;
    let magic: [u8; 4] = magic(&mut raw)?;
    if magic != *b"PK\x03\x04" {
        return Ok(Vec::new());
    }
    let archive = archive(raw)?;
    if archive.index_for_name("xl/workbook.xml").is_some() {
        return Ok(Vec::new());
    }
    for (part, what) in DOCUMENTS {
        if archive.index_for_name(part).is_some() {
            return Err(no_table("not_a_statement", what));
        }
    }
    let mut files: Vec<(usize, String)> = Vec::new();
    for index in 0..archive.len() {
        let name = archive.name_for_index(index).unwrap_or_default().to_owned();
        let base = name.rsplit('/').next().unwrap_or_default();
        if !base.is_empty() && !base.starts_with('.') && !name.starts_with("__MACOSX/") {
            files.push((index, base.chars().take(80).collect()));
        }
    }
    match files.len() {
        0 => Err(Refused::new("archive_contents", "the archive holds no files")),
        1..=MOST_MEMBERS => Ok(files),
        n => Err(Refused::new(
            "archive_contents",
            format!(
                "the archive holds {n} files: at most {MOST_MEMBERS} are allowed; unpack it and \
                 add the statements in several"
            ),
        )),
    }
}

/// Documents that are archives by their make, by a part that each of them has.
const DOCUMENTS: [(&str, &str); 7] = [
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
    ("content.xml", "an OpenDocument file (.ods, .odt)"),
    ("Index/Document.iwa", "a document of Apple's Numbers or Pages"),
    ("Index/Document.iwa.zip", "a document of Apple's Numbers or Pages"),
    ("META-INF/container.xml", "a book (.epub)"),
];

/// Files that one archive may hold.
const MOST_MEMBERS: usize = 200;

/// Opens `source`, of an archive its member at `member`; unpacks it and hands it to `work`.
/// `progress` hears the bytes of the file read so far.
pub(super) fn open<'p, T>(
    source: Source<'p>,
    member: Option<usize>,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
    work: impl FnOnce(Opened<'_>) -> Result<T, Refused>,
) -> Result<T, Refused> {
    let mut raw = raw(source)?;
    let magic: [u8; 8] = magic(&mut raw)?;
    match magic {
        [0, 0, 0, 0, 0, 0, 0, 0] if is_empty(&mut raw)? => {
            Err(Refused::new("empty_file", "the file is empty (0 bytes)"))
        }
        [0x1f, 0x8b, ..] => {
            let packed = Rc::new(Cell::new(0));
            let counted = Counted { inner: raw, seen: Rc::clone(&packed), progress };
            let bounded = Bounded::new(MultiGzDecoder::new(counted), limits, Some(packed));
            work(decode(bounded)?)
        }
        [b'P', b'K', 3, 4, ..] => open_zip(raw, member, limits, work),
        _ => {
            no_other(&magic).map_err(as_no_statement)?;
            let counted = Counted { inner: raw, seen: Rc::default(), progress };
            work(decode(Bounded::new(counted, limits, None))?)
        }
    }
}

fn raw<'p>(source: Source<'p>) -> Result<Box<dyn ReadSeek + 'p>, Refused> {
    Ok(match source {
        Source::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        Source::File(path) => Box::new(File::open(path).map_err(|e| {
            Refused::new("unreadable_file", format!("{} cannot be opened: {e}", path.display()))
        })?),
    })
}

/// The first bytes; zeros where the file is shorter.
fn magic<const N: usize>(raw: &mut dyn ReadSeek) -> Result<[u8; N], Refused> {
    let mut magic = [0_u8; N];
    read_up_to(raw, &mut magic).map_err(|e| refuse_io(&e))?;
    raw.rewind().map_err(|e| refuse_io(&e))?;
    Ok(magic)
}

fn is_empty(raw: &mut dyn ReadSeek) -> Result<bool, Refused> {
    let end = raw.seek(io::SeekFrom::End(0)).map_err(|e| refuse_io(&e))?;
    raw.rewind().map_err(|e| refuse_io(&e))?;
    Ok(end == 0)
}

/// Kinds of files that are known and no tables.
fn no_other(magic: &[u8]) -> Result<(), Refused> {
    match magic {
        [b'%', b'P', b'D', b'F', ..] => Err(no_table("not_a_statement", "a PDF document")),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            Err(no_table("not_a_statement", "an old Excel workbook (.xls)"))
        }
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] | [b'G', b'I', b'F', b'8', ..] => {
            Err(no_table("picture", "a picture"))
        }
        _ => Ok(()),
    }
}

/// A picture is a matter of its own only beside other files.
pub(super) fn as_no_statement(refused: Refused) -> Refused {
    match refused.code {
        "picture" => Refused { code: "not_a_statement", ..refused },
        _ => refused,
    }
}

fn no_table(code: &'static str, what: &str) -> Refused {
    Refused::new(
        code,
        format!(
            "this is {what}, not a table: export the statement as CSV, TSV or XLSX \
             (also packed as .zip or .gz)"
        ),
    )
}

fn open_zip<T>(
    raw: Box<dyn ReadSeek + '_>,
    member: Option<usize>,
    limits: &Limits,
    work: impl FnOnce(Opened<'_>) -> Result<T, Refused>,
) -> Result<T, Refused> {
    let mut archive = archive(raw)?;
    let Some(index) = member else {
        weigh(&mut archive, limits)?;
        let mut raw = archive.into_inner().inner;
        raw.rewind().map_err(|e| refuse_io(&e))?;
        return work(Opened::Sheet(raw));
    };
    let entry = archive.by_index(index).map_err(|e| refuse_zip(&e))?;
    let packed = Rc::new(Cell::new(entry.compressed_size()));
    let mut bounded = Bounded::new(entry, limits, Some(packed));
    let mut magic = [0_u8; 4];
    let got = read_up_to(&mut bounded, &mut magic).map_err(|e| refuse_io(&e))?;
    let start = Cursor::new(magic[..got].to_vec());
    no_other(&magic)?;
    if magic.starts_with(&[0x1f, 0x8b]) {
        let packed = bounded.packed.clone();
        let inner = MultiGzDecoder::new(start.chain(bounded));
        return work(decode(Bounded::new(inner, limits, packed))?);
    }
    if magic == *b"PK\x03\x04" {
        let mut bytes = Vec::new();
        bounded.max = limits.max_sheet_bytes;
        start.chain(bounded).read_to_end(&mut bytes).map_err(|e| refuse_io(&e))?;
        let mut inner = self::archive(Cursor::new(&bytes))?;
        if inner.index_for_name("xl/workbook.xml").is_none() {
            return Err(Refused::new(
                "archive_contents",
                "this is an archive inside the archive: unpack it, and add the statements in it",
            ));
        }
        weigh(&mut inner, limits)?;
        return work(Opened::Sheet(Box::new(Cursor::new(&bytes))));
    }
    work(decode(start.chain(bounded))?)
}

/// Bytes that are looked at for the encoding.
const ENCODING_SHOWN: usize = 32 << 10;

/// Finds the encoding from the first bytes.
fn decode<'a>(mut input: impl Read + 'a) -> Result<Opened<'a>, Refused> {
    let mut magic = [0_u8; 4];
    let got = read_up_to(&mut input, &mut magic).map_err(|e| refuse_io(&e))?;
    let (skip, big, wide) = match &magic[..got] {
        [0xff, 0xfe, ..] => (2, false, true),
        [0xfe, 0xff, ..] => (2, true, true),
        [0xef, 0xbb, 0xbf, ..] => (3, false, false),
        [a, 0, b, 0] if *a > 0 && *b > 0 => (0, false, true),
        [0, a, 0, b] if *a > 0 && *b > 0 => (0, true, true),
        _ => (0, false, false),
    };
    let mut head = magic[skip..got].to_vec();
    if !wide {
        // Enough to tell one encoding of single bytes from another.
        let mut more = vec![0; ENCODING_SHOWN];
        let got = read_up_to(&mut input, &mut more).map_err(|e| refuse_io(&e))?;
        head.extend_from_slice(&more[..got]);
    }
    if !wide && transcode::is_mac(&head) {
        let rest = Cursor::new(head).chain(input);
        return Ok(Opened::Text(Box::new(Transcoded::mac(rest)), "macintosh"));
    }
    let rest = Cursor::new(head).chain(input);
    Ok(match (wide, big) {
        (false, _) => Opened::Text(Box::new(rest), "utf-8"),
        (true, false) => Opened::Text(Box::new(Transcoded::little(rest)), "utf-16le"),
        (true, true) => Opened::Text(Box::new(Transcoded::big(rest)), "utf-16be"),
    })
}

fn read_up_to(input: &mut (impl Read + ?Sized), into: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < into.len() {
        match input.read(&mut into[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

/// Counts what is taken from the file itself.
struct Counted<'p, R> {
    inner: R,
    seen: Rc<Cell<u64>>,
    progress: &'p mut dyn FnMut(u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(into)?;
        self.seen.set(self.seen.get() + got as u64);
        (self.progress)(self.seen.get());
        Ok(got)
    }
}

/// Stops a stream that grows too large, or too large for what it was packed into.
pub(super) struct Bounded<R> {
    inner: R,
    seen: u64,
    pub(super) max: u64,
    max_ratio: u64,
    packed: Option<Rc<Cell<u64>>>,
}

/// Below this size no ratio is suspicious.
const SMALL: u64 = 16 << 20;

impl<R> Bounded<R> {
    pub(super) fn new(inner: R, limits: &Limits, packed: Option<Rc<Cell<u64>>>) -> Self {
        Self { inner, seen: 0, max: limits.max_bytes, max_ratio: limits.max_ratio, packed }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(into)?;
        self.seen += got as u64;
        if self.seen > self.max {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the file is larger than {} bytes after unpacking", self.max),
            ));
        }
        if let Some(packed) = &self.packed
            && self.seen > SMALL
            && self.seen / packed.get().max(1) > self.max_ratio
        {
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                format!("the archive unpacks to over {} times its size", self.max_ratio),
            ));
        }
        Ok(got)
    }
}

/// Says in a sentence why a file could not be read to its end.
pub(super) fn refuse_io(error: &io::Error) -> Refused {
    match error.kind() {
        io::ErrorKind::FileTooLarge => Refused::new("too_large", format!("{error}")),
        io::ErrorKind::QuotaExceeded => Refused::new("zip_bomb", format!("{error}")),
        io::ErrorKind::UnexpectedEof => Refused::new(
            "damaged_archive",
            "the compressed file is cut off before its end: download it again",
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Refused::new("damaged_file", format!("the file is damaged: {error}"))
        }
        _ => Refused::new("unreadable_file", format!("the file cannot be read: {error}")),
    }
}

pub(super) fn refuse_zip(error: &zip::result::ZipError) -> Refused {
    if let zip::result::ZipError::Io(inner) = error {
        return refuse_io(inner);
    }
    Refused::new("damaged_archive", format!("the archive cannot be opened: {error}"))
}

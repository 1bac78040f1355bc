//! The little world a document is typeset in: embedded fonts, three sources, one data file.

use std::sync::OnceLock;

use kernel::Timestamp;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::{Broken, Templates};

/// What every document shares.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let fonts: Vec<Font> =
            typst_assets::fonts().flat_map(|bytes| Font::iter(Bytes::new(bytes))).collect();
        Shared {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
        }
    })
}

/// Loads what every document shares.
pub(super) fn warm_up() {
    shared();
}

/// True when an embedded font can show `letter`.
pub(super) fn can_show(letter: char) -> bool {
    letter.is_ascii() || shared().fonts.iter().any(|f| f.info().coverage.contains(letter as u32))
}

/// One document about to be typeset.
pub(super) struct Document {
    shared: &'static Shared,
    main: FileId,
    sources: Vec<Source>,
    data_id: FileId,
    data: Bytes,
    date: Datetime,
}

impl Document {
    pub fn new(
        templates: &Templates,
        main: &'static str,
        data: Vec<u8>,
        date: Timestamp,
    ) -> Result<Self, Broken> {
        let sources = vec![
            Source::new(id("house.typ")?, templates.house.clone().into_owned()),
            Source::new(id("term-sheet.typ")?, templates.term_sheet.clone().into_owned()),
            Source::new(id("receipt.typ")?, templates.receipt.clone().into_owned()),
        ];
        Ok(Self {
            shared: shared(),
            main: id(main)?,
            sources,
            data_id: id("data.json")?,
            data: Bytes::new(data),
            date: datetime(date)?,
        })
    }

    /// Lays the document out and writes the PDF.
    pub fn pdf(&self, ident: &str) -> Result<Vec<u8>, Broken> {
        let document =
            typst::compile::<PagedDocument>(self).output.map_err(|errors| self.explain(&errors))?;
        let strict = typst_pdf::pdf(&document, &self.options(ident, &[PdfStandard::A_2a])?);
        let bytes = match strict {
            Ok(bytes) => bytes,
            // A letter without a glyph is allowed in a PDF, but not in PDF/A.
            Err(_) => typst_pdf::pdf(&document, &self.options(ident, &[])?)
                .map_err(|errors| self.explain(&errors))?,
        };
        // The layout cache is kept for the next documents and dropped when they stop coming.
        typst::comemo::evict(8);
        Ok(bytes)
    }

    fn options(&self, ident: &str, standards: &[PdfStandard]) -> Result<PdfOptions, Broken> {
        let standards = PdfStandards::new(standards)
            .map_err(|e| Broken { message: e.message().to_string() })?;
        Ok(PdfOptions {
            ident: Smart::Custom(ident.to_owned()),
            creator: Smart::Custom(Some("Kontor".to_owned())),
            timestamp: Some(typst_pdf::Timestamp::new_utc(self.date)),
            standards,
            ..PdfOptions::default()
        })
    }

    fn explain(&self, errors: &[SourceDiagnostic]) -> Broken {
        let lines: Vec<String> = errors
            .iter()
            .map(|error| {
                let place = error.span.id().and_then(|file| {
                    let source = self.source(file).ok()?;
                    let at = WorldExt::range(self, error.span)?.start;
                    let line = source.lines().byte_to_line(at)? + 1;
                    Some(format!("{} line {line}: ", file.get().vpath().get_without_slash()))
                });
                format!("{}{}", place.unwrap_or_default(), error.message)
            })
            .collect();
        Broken { message: lines.join("\n") }
    }
}

impl World for Document {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.iter().find(|s| s.id() == id).cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_id { Ok(self.data.clone()) } else { Err(missing(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        Some(self.date)
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}

fn id(name: &str) -> Result<FileId, Broken> {
    let path = VirtualPath::new(name)
        .map_err(|_| Broken { message: format!("'{name}' is no name for a template") })?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

fn datetime(at: Timestamp) -> Result<Datetime, Broken> {
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<u8>().ok());
    text.get(0..4)
        .and_then(|y| y.parse::<i32>().ok())
        .and_then(|year| {
            Datetime::from_ymd_hms(
                year,
                part(5, 7)?,
                part(8, 10)?,
                part(11, 13)?,
                part(14, 16)?,
                part(17, 19)?,
            )
        })
        .ok_or_else(|| Broken { message: format!("'{text}' is no date for a document") })
}

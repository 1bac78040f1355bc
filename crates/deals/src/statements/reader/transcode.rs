//! UTF-16 and Mac Roman to UTF-8, as a stream.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, MACINTOSH, UTF_16BE, UTF_16LE};

/// Reads another encoding and hands out UTF-8. Broken pairs become U+FFFD.
pub(super) struct Transcoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    ended: bool,
    finished: bool,
}

impl<R: Read> Transcoded<R> {
    /// Little endian.
    pub fn little(input: R) -> Self {
        Self::with(input, UTF_16LE.new_decoder_without_bom_handling())
    }

    /// Big endian.
    pub fn big(input: R) -> Self {
        Self::with(input, UTF_16BE.new_decoder_without_bom_handling())
    }

    /// As an old Macintosh writes.
    pub fn mac(input: R) -> Self {
        Self::with(input, MACINTOSH.new_decoder_without_bom_handling())
    }

    fn with(input: R, decoder: Decoder) -> Self {
        let raw = vec![0; 64 << 10];
        Self { input, decoder, raw, raw_from: 0, raw_to: 0, ended: false, finished: false }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // The decoder wants room for one whole character.
        if into.len() < 8 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "buffer too small"));
        }
        while !self.finished {
            if self.raw_from == self.raw_to && !self.ended {
                self.raw_from = 0;
                self.raw_to = self.input.read(&mut self.raw)?;
                self.ended = self.raw_to == 0;
            }
            let pending = &self.raw[self.raw_from..self.raw_to];
            let (result, read, written, _) = self.decoder.decode_to_utf8(pending, into, self.ended);
            self.raw_from += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// True for bytes that are no UTF-8 and make sense as Mac Roman only: letters with accents
/// where Windows-1252 has signs, and none where it has its letters.
pub(super) fn is_mac(head: &[u8]) -> bool {
    let cut = match std::str::from_utf8(head) {
        Ok(_) => return false,
        Err(e) => e.error_len().is_none(),
    };
    let (mut mac, mut windows) = (0, 0);
    for (at, byte) in head.iter().enumerate() {
        let letter =
            |at: Option<usize>| at.and_then(|at| head.get(at)).is_some_and(u8::is_ascii_alphabetic);
        let inside = letter(at.checked_sub(1)) || letter(Some(at + 1));
        match byte {
            0x81 | 0x8d | 0x8f | 0x90 | 0x9d => mac += 2,
            0x80..=0x8f | 0x98..=0x9f if inside => mac += 1,
            0xc0..=0xff if inside => windows += 1,
            _ => {}
        }
    }
    !cut && mac > 0 && windows == 0
}

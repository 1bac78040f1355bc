//! UTF-16 to UTF-8, as a stream.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};

/// Reads UTF-16 and hands out UTF-8. Broken pairs become U+FFFD.
pub(super) struct Utf16<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    ended: bool,
    finished: bool,
}

impl<R: Read> Utf16<R> {
    /// Little endian.
    pub fn little(input: R) -> Self {
        Self::with(input, UTF_16LE.new_decoder_without_bom_handling())
    }

    /// Big endian.
    pub fn big(input: R) -> Self {
        Self::with(input, UTF_16BE.new_decoder_without_bom_handling())
    }

    fn with(input: R, decoder: Decoder) -> Self {
        let raw = vec![0; 64 << 10];
        Self { input, decoder, raw, raw_from: 0, raw_to: 0, ended: false, finished: false }
    }
}

impl<R: Read> Read for Utf16<R> {
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

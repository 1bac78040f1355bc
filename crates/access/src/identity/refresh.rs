//! Refresh tokens: which session, and which turn of it. Sealed with the master key, so that every
//! token of a session is known for one, however old, and nobody else can make any.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Error;
use kernel::ids::Uuid;

use super::keys::MasterKey;
use super::model::SessionId;

/// What a refresh token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refresh {
    pub(super) session: SessionId,
    /// How many were exchanged before it.
    pub(super) turn: i64,
}

impl Refresh {
    /// Text for the client.
    pub(super) fn seal(self, master: &MasterKey) -> Result<String, Error> {
        let plain = [&self.session.0.into_bytes()[..], &self.turn.to_be_bytes()].concat();
        Ok(URL_SAFE_NO_PAD.encode(master.for_purpose("refresh-token").wrap(&plain)?))
    }

    /// Reads a token; `None` for anything that was not sealed here.
    pub(super) fn open(text: &str, master: &MasterKey) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = master.for_purpose("refresh-token").unwrap(&sealed).ok()?;
        let (session, turn) = plain.split_first_chunk::<16>()?;
        let session = SessionId(Uuid::from_bytes(*session));
        Some(Self { session, turn: i64::from_be_bytes(turn.try_into().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_here_opens() {
        let of = || MasterKey::parse(&MasterKey::generate()).unwrap();
        let (master, other) = (of(), of());
        let token = Refresh { session: SessionId(Uuid::from_u128(7)), turn: 3 };
        let text = token.seal(&master).unwrap();
        assert_eq!(Refresh::open(&text, &master), Some(token));
        assert_eq!(Refresh::open(&text, &other), None);
        // Sealed by the same house for another purpose.
        let login = master.for_purpose("oidc-login").wrap(&[0; 24]).unwrap();
        assert_eq!(Refresh::open(&URL_SAFE_NO_PAD.encode(login), &master), None);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_ne!(Refresh::open(&changed, &master).map(|r| r.turn), Some(4), "{at}");
        }
        assert_eq!(Refresh::open("", &master), None);
    }
}

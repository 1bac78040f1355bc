//! The context of a use case: what the house has, and who asks.

use std::ops::Deref;
use std::sync::Arc;

use contracts::{Authorizer, Grant, Settings};
use kernel::{Clock, Envelope, Error, Ids, Kind, Principal, Trace};

use crate::blobs::Blobs;
use crate::db::Db;
use crate::signals::Exchange;
use crate::tasks::Heavy;
use crate::telemetry::Span;

/// What every use case may use; one per server (or per simulation).
pub struct House {
    /// The database.
    pub db: Db,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn Ids>,
    /// Who may do what.
    pub authorizer: Arc<dyn Authorizer>,
    /// Governed settings.
    pub settings: Arc<dyn Settings>,
    /// Files.
    pub blobs: Arc<dyn Blobs>,
    /// What processes tell each other.
    pub exchange: Arc<dyn Exchange>,
    /// Whose turn it is to read a file.
    pub heavy: Heavy,
}

impl House {
    /// The context of work that no person asked for.
    pub fn system_cx(self: &Arc<Self>) -> Cx {
        self.cx(Principal::system())
    }

    /// The context of `principal`, without a request.
    pub fn cx(self: &Arc<Self>, principal: Principal) -> Cx {
        Cx {
            house: Arc::clone(self),
            principal,
            request: None,
            trace: None,
            address: None,
            idempotency_key: None,
        }
    }
}

/// The context of one use case. Dereferences to [`House`].
#[derive(Clone)]
pub struct Cx {
    house: Arc<House>,
    /// Who asks.
    pub principal: Principal,
    /// The request it belongs to.
    pub request: Option<String>,
    /// The span of a trace that it is done in.
    pub trace: Option<Trace>,
    /// The address it came from.
    pub address: Option<String>,
    /// The `Idempotency-Key` it was sent with; see [`crate::idempotency::Once`].
    pub idempotency_key: Option<String>,
}

impl Cx {
    /// The same context for work caused by `event`, done in `span`: carries its request on.
    #[must_use]
    pub fn on_behalf(mut self, event: &Envelope, span: &Span) -> Self {
        self.request.clone_from(&event.request);
        self.trace = Some(span.trace());
        self
    }

    /// The same context for a command that shall happen once under this idempotency key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.idempotency_key = Some(key.to_owned());
        self
    }

    /// The house itself.
    pub fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// Asks whether the principal may do `action` to everything of its kind.
    ///
    /// # Errors
    /// `Denied` (also when only what is his own is allowed) or `Unauthenticated`.
    pub async fn decide_all(&self, action: &'static str) -> Result<(), Error> {
        match self.decide(action).await? {
            Grant::All => Ok(()),
            Grant::Own(_) => {
                let only = format!("your roles allow {action} only for what is your own");
                Err(Error::new(Kind::Denied, "denied", only).with("action", action))
            }
        }
    }

    /// Asks whether the principal may do `action`, and to what, before any transaction.
    ///
    /// # Errors
    /// `Denied` or `Unauthenticated`.
    pub async fn decide(&self, action: &'static str) -> Result<Grant, Error> {
        self.authorizer.decide_for(&self.principal, action, self.request.as_deref()).await
    }
}

impl Deref for Cx {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

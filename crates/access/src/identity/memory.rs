//! What this process has worked out and need not work out again.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Entries after which a memory starts anew: what callers make up must not fill the process.
const MANY: usize = 100_000;

/// A bounded map that many requests use at once. Forgetting costs work, never correctness.
#[derive(Debug)]
pub(super) struct Memory<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries().get(key).cloned()
    }

    pub(super) fn keep(&self, key: K, value: V) {
        let mut entries = self.entries();
        if entries.len() >= MANY {
            entries.clear();
        }
        entries.insert(key, value);
    }

    pub(super) fn forget(&self, key: &K) {
        self.entries().remove(key);
    }

    pub(super) fn forget_all(&self) {
        self.entries().clear();
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

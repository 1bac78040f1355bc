//! What this process has worked out and need not work out again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A bounded map that many requests use at once. Forgetting costs work, never correctness.
///
/// Two generations: when the young one is full it becomes the old one, and what was old and not
/// asked for since is forgotten. So what callers make up cannot fill the process, what has ended
/// goes by itself, and what is in use stays.
#[derive(Debug)]
pub(super) struct Memory<K, V> {
    most: usize,
    generations: Mutex<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Clone, V: Clone> Memory<K, V> {
    /// Keeps up to `most` entries of each generation.
    pub(super) fn new(most: usize) -> Self {
        let (young, old) = (HashMap::new(), HashMap::new());
        Self { most, generations: Mutex::new(Generations { young, old }) }
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        let mut all = self.all();
        if let Some(found) = all.young.get(key) {
            return Some(found.clone());
        }
        let found = all.old.remove(key)?;
        let gone = all.add(key.clone(), found.clone(), self.most);
        drop(all);
        drop(gone);
        Some(found)
    }

    pub(super) fn keep(&self, key: K, value: V) {
        let gone = self.all().add(key, value, self.most);
        // Many are freed here, while nobody waits.
        drop(gone);
    }

    pub(super) fn forget(&self, key: &K) {
        let mut all = self.all();
        all.young.remove(key);
        all.old.remove(key);
    }

    pub(super) fn forget_all(&self) {
        let mut all = self.all();
        let gone = (std::mem::take(&mut all.young), std::mem::take(&mut all.old));
        drop(all);
        drop(gone);
    }

    fn all(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    /// Adds an entry; answers what is forgotten for it.
    fn add(&mut self, key: K, value: V, most: usize) -> HashMap<K, V> {
        self.young.insert(key, value);
        if self.young.len() < most {
            return HashMap::new();
        }
        let full = std::mem::take(&mut self.young);
        std::mem::replace(&mut self.old, full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_stays_and_the_rest_is_bounded() {
        let memory = Memory::new(10);
        memory.keep(0, "in use");
        for n in 1..1_000 {
            memory.keep(n, "made up");
            assert_eq!(memory.get(&0), Some("in use"), "after {n}");
        }
        let all = memory.all();
        assert!(all.young.len() + all.old.len() <= 20);
        drop(all);
        assert_eq!(memory.get(&1), None);
        memory.forget(&0);
        assert_eq!(memory.get(&0), None);
        memory.keep(7, "again");
        memory.forget_all();
        assert_eq!(memory.get(&7), None);
    }
}

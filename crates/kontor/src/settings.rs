//! Governed settings, read from the configuration until `control` governs them.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::{Key, Settings, Snapshot};
use kernel::Error;
use serde_json::Value;

/// Every governed setting of the house, by module.
const REGISTRY: &[&[Key]] =
    &[deals::valuation::model::KEYS, deals::payouts::service::KEYS, ledger::service::KEYS];

/// Settings as the configuration has them; they change with a restart.
pub(crate) struct FileSettings(Arc<Snapshot>);

impl FileSettings {
    /// Reads `[settings]` of the configuration.
    ///
    /// # Errors
    /// `Invalid` naming the setting that is missing, no whole number or out of its range.
    pub(crate) fn load(settings: &Value) -> Result<Self, Error> {
        let mut values = BTreeMap::new();
        for key in REGISTRY.iter().copied().flatten() {
            let found = settings.pointer(&format!("/{}", key.name.replace('.', "/")));
            let value = found
                .and_then(Value::as_i64)
                .ok_or_else(|| Error::invalid(key.name, "a whole number is needed"))?;
            values.insert(key.name.to_owned(), key.checked(value)?);
        }
        Ok(Self(Arc::new(Snapshot::new(values))))
    }
}

impl Settings for FileSettings {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use platform::config::load;

    use super::*;
    use crate::{Config, MANUAL};

    fn with(sets: &[&str]) -> Result<FileSettings, Error> {
        let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
        FileSettings::load(
            &load::<Config>(MANUAL, None, std::iter::empty(), &sets)?.config.settings,
        )
    }

    #[test]
    fn the_manual_has_every_setting_with_its_default_and_range() {
        let snapshot = with(&[]).ok().unwrap().snapshot();
        for key in REGISTRY.iter().copied().flatten() {
            assert_eq!(snapshot.int(key), key.default, "{}", key.name);
            let name = key.name.rsplit('.').next().unwrap();
            let about = format!(
                "# {} {} to {}.\n{name} = {}\n",
                key.about.trim(),
                key.min,
                key.max,
                key.default
            );
            assert!(MANUAL.contains(&about), "config/default.toml lacks\n{about}");
        }
        let listed = MANUAL.split_once("[settings.").unwrap().1.matches(" = ").count();
        assert_eq!(listed, REGISTRY.iter().copied().flatten().count());
    }

    #[test]
    fn a_setting_out_of_its_range_is_named() {
        let e = with(&["settings.deals.valuation.fee_bp=20000"]).err().unwrap();
        assert!(e.message.contains("0 to 10000"), "{e}");
        assert_eq!(e.details.unwrap()["field"], "deals.valuation.fee_bp");
        let e = with(&["settings.deals.valuation.fees_bp=1"]).err().unwrap();
        assert!(e.message.contains("did you mean 'settings.deals.valuation.fee_bp'"), "{e}");
        let fee = &deals::valuation::model::KEYS[2];
        let changed = with(&["settings.deals.valuation.fee_bp=500"]).ok().unwrap();
        assert_eq!(changed.snapshot().int(fee), 500);
    }
}

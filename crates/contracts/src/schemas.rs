//! The Avro schemas of every public event, all versions ever published, newest last.
//!
//! Compatibility is BACKWARD_TRANSITIVE: the newest schema reads what any stored version
//! wrote. A change adds `vN.avsc`; a published file is never edited.

/// A topic with its stored schema versions.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// Topic = event name.
    pub topic: &'static str,
    /// Schema texts, version 1 first.
    pub versions: &'static [&'static str],
}

macro_rules! subject {
    ($topic:literal, $($file:literal),+) => {
        Subject {
            topic: $topic,
            versions: &[$(include_str!(concat!("../schemas/", $topic, "/", $file))),+],
        }
    };
}

/// Every subject of the house.
pub const SUBJECTS: &[Subject] = &[
    subject!("offer.created", "v1.avsc"),
    subject!("offer.valuated", "v1.avsc"),
    subject!("offer.accepted", "v1.avsc"),
    subject!("offer.status.changed", "v1.avsc"),
    subject!("offer.payout.requested", "v1.avsc"),
    subject!("offer.payout.completed", "v1.avsc"),
    subject!("offer.receipt.generated", "v1.avsc"),
    subject!("policy.decisions", "v1.avsc"),
];

#[cfg(test)]
mod tests {
    use apache_avro::Schema;
    use apache_avro::schema_compatibility::SchemaCompatibility;

    use super::*;
    use crate::deals::TOPICS;
    use crate::policy::{PolicyDecision, PolicyDecisions};

    fn parsed(subject: &Subject) -> Vec<Schema> {
        subject.versions.iter().map(|v| Schema::parse_str(v).unwrap()).collect()
    }

    #[test]
    fn every_topic_has_a_schema() {
        for topic in TOPICS {
            assert!(SUBJECTS.iter().any(|s| s.topic == topic), "{topic} has no schema");
        }
    }

    #[test]
    fn a_batch_of_decisions_is_what_its_schema_says() {
        let decision = PolicyDecision {
            id: "01900000-0000-7000-8000-000000000001".into(),
            at: 1,
            actor: "ada".into(),
            roles: vec!["viewer".into()],
            action: "offers.read".into(),
            result: "allow".into(),
            scope: "all".into(),
            input_sha256: "00".into(),
            revision: "1".into(),
            engine: "embedded".into(),
            micros: 7,
            request_id: None,
        };
        let batch = PolicyDecisions {
            event_id: decision.id.clone(),
            log_id: decision.id.clone(),
            occurred_at: 2,
            decisions: vec![decision],
        };
        let subject = SUBJECTS.iter().find(|s| s.topic == PolicyDecisions::TOPIC).unwrap();
        let schema = parsed(subject).pop().unwrap();
        apache_avro::to_value(&batch).unwrap().resolve(&schema).unwrap();
    }

    #[test]
    fn newest_reads_every_stored_version() {
        for subject in SUBJECTS {
            let versions = parsed(subject);
            let newest = versions.last().unwrap();
            for (i, old) in versions.iter().enumerate() {
                SchemaCompatibility::can_read(old, newest)
                    .unwrap_or_else(|e| panic!("{} v{}: {e}", subject.topic, i + 1));
            }
        }
    }

    #[test]
    fn an_incompatible_change_is_caught() {
        let old = Schema::parse_str(SUBJECTS[0].versions[0]).unwrap();
        let without_default = SUBJECTS[0].versions[0].replacen(
            r#""fields": ["#,
            r#""fields": [{"name": "new_field", "type": "string"},"#,
            1,
        );
        let new = Schema::parse_str(&without_default).unwrap();
        assert!(SchemaCompatibility::can_read(&old, &new).is_err());
    }
}

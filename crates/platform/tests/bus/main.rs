//! The bus on both engines: the same suite on the embedded log and on Kafka, and what only
//! Kafka can do wrong.
#![expect(clippy::disallowed_methods, reason = "a test starts what it tests")]

mod kafka;
mod stand;
mod suite;

/// Makes one test of each function for each engine.
macro_rules! on_both_buses {
    ($($name:ident),+ $(,)?) => {
        mod both {
            mod embedded {
                $(#[tokio::test] async fn $name() {
                    crate::suite::$name(crate::stand::Stand::embedded().await).await;
                })+
            }
            mod kafka {
                $(#[tokio::test] async fn $name() {
                    let Some(stand) = crate::stand::Stand::kafka().await else { return };
                    crate::suite::$name(stand).await;
                })+
            }
        }
    };
}

on_both_buses!(
    every_event_arrives_once_and_in_order,
    what_was_said_twice_is_handled_once,
    one_aggregate_keeps_its_order_over_topics,
    what_never_works_is_put_aside_and_the_rest_goes_on,
    work_and_inbox_row_commit_together,
);
